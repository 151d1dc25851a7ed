import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { transferProgress } from '../../../src/import/pull/progress.js'

test('a line for each tenth says the bytes there are and the time that the rest takes', () => {
  const lines: string[] = []
  let ms = 0
  const onBytes = transferProgress(
    'pulling x',
    500e6,
    (line) => lines.push(line),
    () => ms,
  )
  for (const bytes of [100e6, 110e6, 150e6, 500e6]) {
    onBytes(bytes)
    ms += 1000
  }
  assert.equal(lines, [
    'pulling x: 100.0 of 500.0 MB',
    'pulling x: 150.0 of 500.0 MB, 14 s left',
    'pulling x: 500.0 of 500.0 MB',
  ])
})

test('a long wait is told in minutes, and what was there before this call is not counted as pace', () => {
  const lines: string[] = []
  let ms = 0
  const onBytes = transferProgress(
    'pulling x',
    1000e6,
    (line) => lines.push(line),
    () => ms,
  )
  onBytes(500e6)
  ms = 10_000
  onBytes(600e6)
  ms = 100_000
  onBytes(700e6)
  assert.equal(lines.slice(1), [
    'pulling x: 600.0 of 1000.0 MB, 40 s left',
    'pulling x: 700.0 of 1000.0 MB, 3 min left',
  ])
})

test.run()
