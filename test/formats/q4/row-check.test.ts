// @process native
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { leastRows, leastRowsOf } from '../../../src/formats/q4/row-check.js'

/** Rows of one value each, their number; `changed` says what a kernel makes of a row among `rows`. */
const machine =
  (changed: (value: number, rows: number) => number) =>
  (from: number, rows: number): Promise<Float32Array> =>
    Promise.resolve(Float32Array.from({ length: rows }, (_, row) => changed(from + row, rows)))

test('where no row depends on its company passes may have one row', async () => {
  assert.is(await leastRowsOf(machine((value) => value)), 1)
})

test('where one row alone is treated apart passes have two at least', async () => {
  assert.is(await leastRowsOf(machine((value, rows) => (rows === 1 && value === 32 ? value + 1e-3 : value))), 2)
})

test('where rows depend on their company otherwise no number of rows does', async () => {
  for (const odd of [2, 5, 17])
    assert.is(await leastRowsOf(machine((value, rows) => (rows === odd ? value + 1e-3 : value))), null)
})

test('this machine is told apart, once a process', async () => {
  assert.ok([1, 2, null].includes(await leastRows()))
  assert.is(leastRows(), leastRows())
})

test.run()
