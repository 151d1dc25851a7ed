import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PassThrough } from 'node:stream'
import type { Options, Params } from 'cli-progress'
import type { Progress } from '../../src/common/progress.js'
import { remark } from '../../src/common/progress.js'
import { barText, progressDisplay } from '../../src/cli/progress-bars.js'

function terminalLike(isTTY: boolean): { stream: NodeJS.WriteStream; read: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 120 })
  return { stream: stream as unknown as NodeJS.WriteStream, read: () => String(stream.read() ?? '') }
}

function shown(isTTY: boolean, told: readonly Progress[]): string {
  const { stream, read } = terminalLike(isTTY)
  const { onProgress, end } = progressDisplay(stream)
  for (const progress of told) onProgress(progress)
  end()
  return read()
}

const pull = (done: number): Progress => ({ stage: 'pull', text: 'pulling x', done, total: 100e6 })

test('a bar says how much is there, the rate since it began, and the time left', () => {
  const text = (progress: Progress, first: number, ms: number): string =>
    barText({} as Options, { startTime: 0 } as Params, { progress, first }, ms)
  assert.is(text(pull(50e6), 0, 10_000), 'pulling x [============------------] 50.0 of 100.0 MB, 5.0 MB/s, 10 s left')
  assert.match(text(pull(50e6), 40e6, 10_000), /1\.0 MB\/s, 50 s left$/, 'what was there before is no pace')
  assert.match(text(pull(100e6), 0, 10_000), /\[={24}\] 100\.0 of 100\.0 MB, 10\.0 MB\/s$/)
  const layer: Progress = { stage: 'import', text: 'import m', part: 'layer 1 of 2', done: 1, total: 4 }
  assert.is(text(layer, 0, 1000), 'import m [======------------------] layer 1 of 2, 3 s left')
})

test('a bar is shorter where its line would not fit', () => {
  const text = (columns: number): string =>
    barText({} as Options, { startTime: 0 } as Params, { progress: pull(50e6), first: 0, columns }, 10_000)
  assert.is(text(60), 'pulling x [=====----] 50.0 of 100.0 MB, 5.0 MB/s, 10 s left')
  assert.match(text(20), /^pulling x \[===---\] 50/)
})

test('a terminal has a bar for each work, ended by a line', () => {
  const text = shown(true, [pull(0), pull(100e6), remark('checking x', 'pull'), pull(100e6)])
  assert.match(text, /pulling x \[={24}\] 100\.0 of 100\.0 MB[^\n]*\n/)
  assert.ok(text.endsWith('checking x\n'), text)
})

test('a line above a bar takes the place of the bar, which is drawn anew below it', () => {
  const { stream, read } = terminalLike(true)
  const { onProgress, above, end } = progressDisplay(stream)
  above('before\n')
  onProgress(pull(0))
  read()
  above('meanwhile\n')
  assert.ok(read().startsWith(`\r\x1b[2Kmeanwhile\n\x1b7\x1b[1Gpulling x [${'-'.repeat(24)}]`))
  onProgress(pull(100e6))
  read()
  above('after\n')
  end()
  assert.is(read(), 'after\n')
})

test('elsewhere there are lines, and no bar', () => {
  assert.is(shown(false, [pull(0), pull(100e6)]), 'pulling x: 0.0 of 100.0 MB\npulling x: 100.0 of 100.0 MB\n')
})

test.run()
