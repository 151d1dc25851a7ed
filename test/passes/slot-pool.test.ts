import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { SlotPool } from '../../src/passes/slot-pool.js'

test('slots are handed out lowest first and freed ones again', () => {
  const pool = new SlotPool(8)
  assert.equal([...pool.allocate(5)], [0, 1, 2, 3, 4])
  pool.free(Int32Array.of(3, 1))
  assert.equal([...pool.allocate(3)], [1, 3, 5])
  assert.is(pool.used, 6)
  assert.is(pool.available, 2)
})

test('the live prefix ends at the highest taken slot', () => {
  const pool = new SlotPool(8)
  assert.is(pool.live, 0)
  pool.allocate(6)
  pool.free(Int32Array.of(4, 2))
  assert.is(pool.live, 6)
  pool.free(Int32Array.of(5))
  assert.is(pool.live, 4)
  pool.free(Int32Array.of(0, 1, 3))
  assert.is(pool.live, 0)
  assert.is(pool.used, 0)
})

test('asking for more than is free takes none and says how many there are', () => {
  const pool = new SlotPool(4)
  pool.allocate(2)
  assert.throws(() => pool.allocate(3), /3 slots were asked for and 2 of 4 are free/)
  assert.is(pool.used, 2)
  assert.equal([...pool.allocate(2)], [2, 3])
})

test('freeing twice, in one call or in two, throws and frees none', () => {
  const pool = new SlotPool(4)
  pool.allocate(3)
  pool.free(Int32Array.of(1))
  assert.throws(() => pool.free(Int32Array.of(0, 1)), /slot 1 is not taken/)
  assert.throws(() => pool.free(Int32Array.of(2, 2)), /named twice/)
  assert.throws(() => pool.free(Int32Array.of(9)), /slot 9 is not taken/)
  assert.is(pool.used, 2)
  assert.ok(pool.isTaken(0) && pool.isTaken(2) && !pool.isTaken(1))
})

test('the size of a pool is a whole number', () => {
  assert.throws(() => new SlotPool(1.5), /capacity is 1.5/)
})

test('any sequence of allocations and frees agrees with a set of numbers (20 runs of 400 steps, seed 5)', () => {
  let state = 5
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  for (let run = 0; run < 20; run++) {
    const pool = new SlotPool(20 + random(60))
    const taken = new Set<number>()
    for (let step = 0; step < 400; step++) {
      if (random(10) < 6) {
        const free = Array.from({ length: pool.capacity }, (_, slot) => slot).filter((slot) => !taken.has(slot))
        const count = random(Math.min(free.length, 7) + 1)
        assert.equal([...pool.allocate(count)], free.slice(0, count))
        free.slice(0, count).forEach((slot) => taken.add(slot))
      } else {
        const some = [...taken].filter(() => random(3) === 0)
        pool.free(Int32Array.from(some))
        some.forEach((slot) => taken.delete(slot))
      }
      assert.is(pool.used, taken.size)
      assert.is(pool.live, Math.max(-1, ...taken) + 1)
    }
  }
})

test.run()
