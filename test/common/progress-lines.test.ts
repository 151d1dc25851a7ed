import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { remark } from '../../src/common/progress.js'
import { progressLines } from '../../src/common/progress-lines.js'

/** Pulls of so many bytes at so many milliseconds, as lines. */
function pulled(total: number, steps: readonly [bytes: number, ms: number][]): string[] {
  const lines: string[] = []
  let at = 0
  const tell = progressLines(
    (line) => lines.push(line),
    () => at,
  )
  for (const [done, ms] of steps) {
    at = ms
    tell({ stage: 'pull', text: 'pulling x', done, total })
  }
  return lines
}

test('a line for each tenth says the bytes there are and the time that the rest takes', () => {
  const lines = pulled(500e6, [
    [100e6, 0],
    [110e6, 1000],
    [150e6, 2000],
    [500e6, 3000],
  ])
  assert.equal(lines, [
    'pulling x: 100.0 of 500.0 MB',
    'pulling x: 150.0 of 500.0 MB, 14 s left',
    'pulling x: 500.0 of 500.0 MB',
  ])
})

test('a long wait is told in minutes, and what was there before this call is not counted as pace', () => {
  const lines = pulled(1000e6, [
    [500e6, 0],
    [600e6, 10_000],
    [700e6, 100_000],
  ])
  assert.equal(lines.slice(1), [
    'pulling x: 600.0 of 1000.0 MB, 40 s left',
    'pulling x: 700.0 of 1000.0 MB, 3 min left',
  ])
})

test('parts and remarks have a line each, once; the next file begins anew', () => {
  const lines: string[] = []
  const tell = progressLines((line) => lines.push(line))
  tell({ stage: 'pull', text: 'pulling a', done: 1e6, total: 1e6 })
  tell({ stage: 'pull', text: 'pulling b', done: 1e6, total: 1e6 })
  tell(remark('terms'))
  for (const done of [0, 1]) tell({ stage: 'import', text: 'import b', part: 'layer 1 of 1', done, total: 2 })
  tell({ stage: 'import', text: 'import b', part: 'head', done: 1, total: 2 })
  for (const done of [0, 1, 2]) tell({ stage: 'calibrate', text: 'timing', done, total: 2 })
  assert.equal(lines, [
    'pulling a: 1.0 of 1.0 MB',
    'pulling b: 1.0 of 1.0 MB',
    'terms',
    'import b: layer 1 of 1',
    'import b: head',
    'timing',
  ])
})

test.run()
