import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { deviceRoom, type DeviceRequest } from '../../../src/open/budget/device-room.js'
import { InvalidArgumentError } from '../../../src/spec/errors.js'

/** A 7B model in fp16 with K/V of 512 KiB a token. */
const REQUEST: DeviceRequest = {
  roomBytes: 80e9,
  weightBytes: 13.5e9,
  tokenBytes: 524_288,
  passBytes: 0.5e9,
  treeSlots: 512,
  longest: 4096,
  usualBatch: 8,
}
const refusal = (given: Partial<DeviceRequest>): InvalidArgumentError => {
  try {
    deviceRoom({ ...REQUEST, ...given })
  } catch (error) {
    return error as InvalidArgumentError
  }
  return assert.unreachable('it was not refused') as never
}

test('where there is room everything is as usual, and where nobody knows nothing is refused', () => {
  assert.equal(deviceRoom(REQUEST), { maxContext: 4096, maxBatch: 8 })
  assert.equal(deviceRoom({ ...REQUEST, roomBytes: null }), { maxContext: 4096, maxBatch: 8 })
})

test('what was not asked for adapts: fewer requests first, then shorter texts', () => {
  assert.equal(deviceRoom({ ...REQUEST, roomBytes: 24e9 }), { maxContext: 4096, maxBatch: 2 })
  const { maxContext, maxBatch } = deviceRoom({ ...REQUEST, roomBytes: 17e9 })
  assert.is(maxBatch, 1)
  assert.ok(maxContext > 1500 && maxContext < 4096, `${maxContext}`)
  assert.ok(1.5 * (maxContext + 512) * 524_288 <= 17e9 - 15e9)
})

test('what was asked for and does not fit is refused with the bytes', () => {
  const weights = refusal({ roomBytes: 10e9 })
  assert.is(weights.param, 'deviceMemory')
  assert.match(weights.message, /weights 13500 MB.*10000 MB may be taken.*and 10000000000 bytes\); give deviceMemory/)
  assert.match(refusal({ roomBytes: 24e9, maxBatch: 8, maxContext: 4096 }).message, /8 request\(s\) of 4096 tokens/)
  assert.match(refusal({ roomBytes: 16e9, maxContext: 4096 }).message, /1 request\(s\) of 4096 tokens/)
})

test.run()
