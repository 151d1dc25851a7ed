// @process own
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { patternsFor } from '../../../src/runtime/streamed/read-pattern.js'

const MB = 2 ** 20

test('layers are read whole or in parts, of whole pages', () => {
  assert.equal(patternsFor(3 * MB, 3), [
    { bytes: 3 * MB, atOnce: 1 },
    { bytes: 3 * MB, atOnce: 2 },
    { bytes: 1.5 * MB, atOnce: 2 },
    { bytes: MB, atOnce: 3 },
  ])
  assert.ok(patternsFor(5 * 4096, 3).every(({ bytes }) => bytes % 4096 === 0))
})

test('no read is larger than pays, and none is tried twice', () => {
  assert.equal(patternsFor(200 * MB, 3), [
    { bytes: 16 * MB, atOnce: 1 },
    { bytes: 16 * MB, atOnce: 2 },
    { bytes: 16 * MB, atOnce: 3 },
    { bytes: 4 * MB, atOnce: 1 },
    { bytes: MB, atOnce: 3 },
  ])
})

test('reads at once have memory of their own', () => {
  assert.equal(patternsFor(4096, 1), [{ bytes: 4096, atOnce: 1 }])
  assert.equal(
    patternsFor(3 * MB, 1).map(({ atOnce }) => atOnce),
    [1, 2, 3],
  )
})

test.run()
