import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Core } from '../../src/core/index.js'
import { appending, extend } from '../../src/passes/appending.js'
import { ModelRunner } from '../../src/passes/model-runner.js'
import { runTogether } from '../../src/passes/run-together.js'
import { RecordingForward } from '../support/recording-forward.js'

function opened(features = { read: 0, written: 0 }): { forward: RecordingForward; runner: ModelRunner } {
  const forward = new RecordingForward({ slots: 16 }, features)
  const limits = { maxRows: 4, maxLogitRows: 4, maxSlots: 32, maxLanes: 2, keepsHidden: features.written > 0 }
  return { forward, runner: new ModelRunner(Core.load(), forward, limits, { busyMs: 0 }) }
}

test('a text is read in chunks, each row after all before it, and the last has logits where wanted', async () => {
  const { forward, runner } = opened()
  const cache = runner.memory.open()
  await extend(runner, cache, [5, 6, 7, 8, 9, 1], true)
  assert.equal(
    forward.passes.map(({ tokens, positions, logitRows }) => [[...tokens], [...positions], [...logitRows]]),
    [
      [[5, 6, 7, 8], [0, 1, 2, 3], []],
      [[9, 1], [4, 5], [1]],
    ],
  )
  assert.equal([...forward.passes[1].mask], [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1])
  assert.is(cache.length, 6)
  assert.equal([...runner.core.f32(runner.logitsAt(0), 3)], [1, 1, 1])
})

test('without wanted logits there are none, and no row is named', async () => {
  const { forward, runner } = opened()
  assert.equal(await runTogether([appending(runner, runner.memory.open(), [1, 2], false)]), [-1])
  assert.equal([...forward.passes[0].logitRows], [])
})

test('features go in and out chunk by chunk', async () => {
  const { forward, runner } = opened({ read: 1, written: 2 })
  const wrote: number[][] = []
  const features = {
    read: (from: number, count: number) => Float32Array.from({ length: count }, (_, i) => 10 * (from + i)),
    wrote: (rows: Float32Array) => void wrote.push([...rows]),
  }
  await runTogether([appending(runner, runner.memory.open(), [1, 2, 3, 4, 5], false, features)])
  assert.equal(
    forward.passes.map((pass) => [...pass.features!]),
    [[0, 10, 20, 30], [40]],
  )
  assert.equal(wrote, [
    [1, 1, 2, 2, 3, 3, 4, 4],
    [5, 5],
  ])
})

test('a pass that fails leaves what was read before it, and gives its own slots back', async () => {
  const { forward, runner } = opened()
  const cache = runner.memory.open()
  await extend(runner, cache, [1, 2, 3], false)
  forward.failure = new Error('no pass')
  assert.match(String(await extend(runner, cache, [4, 5], false).catch(String)), 'no pass')
  assert.equal([cache.length, cache.used], [3, 3])
})

test.run()
