import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { laneCopies, rowBytes, runsOf } from '../../../src/runtime/kv/device-rows.js'

test('slots that follow each other in every list are one run', () => {
  const list = (...slots: number[]): Int32Array => Int32Array.from(slots)
  assert.equal(runsOf(list(4, 5, 6, 9, 10, 2)), [
    { at: 0, count: 3 },
    { at: 3, count: 2 },
    { at: 5, count: 1 },
  ])
  assert.equal(runsOf(list(0, 1, 2), list(7, 8, 1)), [
    { at: 0, count: 2 },
    { at: 2, count: 1 },
  ])
  assert.equal(runsOf(list()), [])
})

test('each lane that held something is one copy of the slots that both have', () => {
  const part = { block: { address: 1000n, bytes: 0 }, type: 'float16' as const, row: 3 }
  assert.is(rowBytes(part), 6)
  const copies = laneCopies([1, -1, 0], { part, to: { address: 5000n, bytes: 0 }, before: 4, after: 8 })
  assert.equal(copies, [
    { from: { address: 1024n }, to: { address: 5000n }, bytes: 24 },
    { from: { address: 1000n }, to: { address: 5096n }, bytes: 24 },
  ])
})

test.run()
