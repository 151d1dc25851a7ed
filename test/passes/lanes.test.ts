import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Lanes, lanesFor } from '../../src/passes/lanes.js'

const limits = { maxLanes: 8, maxSlots: 32 }

/** Opens so many sequences. */
function opened(count: number): { lanes: Lanes; caches: ReturnType<Lanes['open']>[] } {
  const lanes = new Lanes(limits)
  return { lanes, caches: Array.from({ length: count }, () => lanes.open()) }
}

test('sequences share the least power of two of lanes that has room for them', () => {
  assert.equal([0, 1, 2, 3, 5, 8].map(lanesFor), [1, 1, 2, 4, 8, 8])
})

test('a sequence gets the lowest free lane, and one too many is refused', () => {
  const { lanes, caches } = opened(4)
  assert.equal(
    caches.map(({ lane }) => lane),
    [0, 1, 2, 3],
  )
  caches[1].release()
  assert.is(lanes.open().lane, 1)
  for (let i = 0; i < 4; i++) lanes.open()
  assert.throws(() => lanes.open(), /all 8 lanes are taken/)
})

test('lanes are needed up to the highest that is taken', () => {
  const { lanes, caches } = opened(5)
  assert.is(lanes.needed, 8)
  caches[4].release()
  assert.is(lanes.needed, 4)
  for (const cache of caches.slice(0, 3)) cache.release()
  assert.is(lanes.needed, 4, 'lane 3 is where it was')
})

test('slots of all sequences are counted, committed or not', () => {
  const { lanes, caches } = opened(2)
  caches[0].keep(caches[0].allocate(3))
  caches[1].allocate(2)
  assert.is(lanes.slotsUsed, 5)
  caches[0].release()
  assert.is(lanes.slotsUsed, 2)
})

test('lanes are spare once half of them would have done for 24 steps in a row, or for one where none is taken', () => {
  const { lanes, caches } = opened(2)
  for (let step = 1; step < 24; step++) assert.not(lanes.areSpare(4))
  assert.not(lanes.areSpare(2), 'one step that needs them begins the count anew')
  for (let step = 1; step < 24; step++) assert.not(lanes.areSpare(4))
  assert.ok(lanes.areSpare(4))
  for (const cache of caches) cache.release()
  assert.ok(new Lanes(limits).areSpare(2))
})

test('sequences are put side by side in order, and those without rows take none over', async () => {
  const { lanes, caches } = opened(6)
  for (const lane of [0, 2, 3]) caches[lane].release()
  let asked: readonly number[] = []
  await lanes.compact(4, async (lanesFrom) => {
    asked = lanesFrom
    assert.is(caches[5].lane, 5, 'numbers change when the rows have moved')
  })
  assert.equal(asked, [1, -1, -1, -1])
  assert.equal(
    [1, 4, 5].map((lane) => caches[lane].lane),
    [0, 1, 2],
  )
})

test('where the rows cannot be moved, sequences stay in their lanes', async () => {
  const { lanes, caches } = opened(2)
  caches[0].release()
  const failed = await lanes.compact(2, () => Promise.reject(new Error('no memory'))).catch(String)
  assert.match(String(failed), 'no memory')
  assert.is(caches[1].lane, 1)
})

test.run()
