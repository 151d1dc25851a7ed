import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { SequenceCache } from '../../src/passes/sequence-cache.js'
import { SlotPool } from '../../src/passes/slot-pool.js'

test('committed tokens are seen in their slots, in any order; others are not', () => {
  const cache = new SequenceCache(0, new SlotPool(16), () => undefined)
  const slots = cache.allocate(5)
  cache.keep([slots[3], slots[0]])
  assert.is(cache.length, 2)
  assert.equal([...cache.visible(6)], [1, 0, 0, 1, 0, 0])
  assert.equal([...cache.slotsOf(0, 2)], [3, 0])
  cache.free([slots[1], slots[2], slots[4]])
  assert.equal([cache.used, cache.liveSlots], [2, 4])
  assert.equal([...cache.allocate(3)], [1, 2, 4])
})

test('a slot knows the position of the token it was last written for', () => {
  const cache = new SequenceCache(0, new SlotPool(16), () => undefined)
  cache.place(cache.allocate(3), [4, 5, 5])
  cache.place([1], [9])
  assert.equal([...cache.positionsIn(3)], [4, 9, 5])
})

test('a released sequence holds nothing and says so once', () => {
  const released: SequenceCache[] = []
  const cache = new SequenceCache(3, new SlotPool(16), (one) => released.push(one))
  cache.keep(cache.allocate(4))
  assert.ok(cache.isOpen)
  cache.release()
  assert.equal([cache.isOpen, cache.length, cache.used], [false, 0, 0])
  assert.equal(released, [cache])
})

test.run()
