import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bytesPerToken, type KvShape, requireSameShape, roundUpSlots } from '../../../src/runtime/kv/store.js'
import { InvalidArgumentError } from '../../../src/spec/errors.js'

const SHAPE: KvShape = { k: 'float32', v: 'int8', rows: [8, 24] }

test('a token takes a K and a V row in each layer, each in its own type', () => {
  assert.is(bytesPerToken(SHAPE), 32 * 4 + 32 * 1)
  assert.is(bytesPerToken({ k: 'float16', v: 'float16', rows: [8, 24] }), 32 * 4)
  assert.is(bytesPerToken({ ...SHAPE, rows: [] }), 0)
})

test('slots are shown in blocks of 16', () => {
  assert.equal([0, 1, 16, 17].map(roundUpSlots), [0, 16, 16, 32])
})

test('rows fit where types and the width of every layer are the same, and are refused by name elsewhere', () => {
  requireSameShape({ k: 'float32', v: 'int8', rows: [8, 24] }, SHAPE)
  for (const other of [
    { ...SHAPE, k: 'float16' as const },
    { ...SHAPE, v: 'uint8' as const },
    { ...SHAPE, rows: [24, 8] },
    { ...SHAPE, rows: [8] },
  ])
    assert.throws(
      () => requireSameShape(other, SHAPE),
      (error: Error) => error instanceof InvalidArgumentError && error.param === 'source',
    )
})

test.run()
