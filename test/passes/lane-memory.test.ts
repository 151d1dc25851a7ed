import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { LaneMemory } from '../../src/passes/lane-memory.js'
import type { SequenceCache } from '../../src/passes/sequence-cache.js'
import { bytesPerToken } from '../../src/runtime/kv/store.js'
import { hostStore, SHAPE } from '../support/recording-forward.js'

const limits = { maxSlots: 128, maxLanes: 4 }
const ROW = bytesPerToken(SHAPE)

/** Rows of `count` tokens that are like no other's. */
function rows(mark: number, count: number): Uint8Array {
  return Uint8Array.from({ length: count * ROW }, (_, i) => (mark * 31 + i) % 251)
}

test('memory is made when rows come, for all lanes that are taken, and twice as much as before or more', async () => {
  const store = hostStore({ slots: 16, lanes: 1 })
  const memory = new LaneMemory(store, limits)
  const [first, second] = [memory.open(), memory.open()]
  first.keep(first.allocate(10))
  assert.equal([store.lanes, store.capacity], [1, 16], 'slots and lanes are numbers so far')
  assert.ok(memory.lacksRoom(1), 'the second lane is not there')
  await memory.restore(second, rows(1, 17), 17)
  assert.equal([store.lanes, store.capacity], [2, 32])
  assert.not(memory.lacksRoom(32))
  assert.ok(memory.lacksRoom(33))
  await memory.makeRoom(100)
  assert.is(store.capacity, 112)
  assert.equal(memory.usage, { slotsUsed: 27, slots: 224, kvBytes: 224 * ROW })
  assert.equal(await memory.save(second, 0, 17), rows(1, 17))
})

test('a text longer than the model was opened for is refused before anything is written', async () => {
  const memory = new LaneMemory(hostStore({ slots: 16 }), limits)
  const cache = memory.open()
  const refused = await memory.restore(cache, rows(1, 129), 129).catch(String)
  assert.match(String(refused), /129 slots were asked for and 128 of 128 are free/)
  assert.is(cache.used, 0)
})

test('what is saved of one sequence is the start of another, and copies go on from where it ends', async () => {
  const memory = new LaneMemory(hostStore({ slots: 16, lanes: 2 }), limits)
  const other = new LaneMemory(hostStore({ slots: 16 }), limits)
  const [from, to, apart] = [memory.open(), memory.open(), other.open()]
  await memory.restore(from, rows(5, 8), 8)
  await memory.restore(to, await memory.save(from, 0, 3), 3)
  await memory.copy(memory, from, to, 5)
  assert.is(to.length, 8)
  assert.equal(await memory.save(to, 0, 8), await memory.save(from, 0, 8))
  await other.copy(memory, to, apart, 8)
  assert.equal(await other.save(apart, 0, 8), await memory.save(from, 0, 8))
})

test('rows that cannot be written give their slots back', async () => {
  const memory = new LaneMemory(hostStore({ slots: 16 }), limits)
  const cache = memory.open()
  assert.match(String(await memory.restore(cache, rows(1, 2), 3).catch(String)), /bytes came for 3 slots/)
  assert.equal([cache.used, cache.length], [0, 0])
})

test('spare lanes are given up once a step says so for long enough, and rows go with their sequences', async () => {
  const store = hostStore({ slots: 16, lanes: 4 })
  const memory = new LaneMemory(store, limits)
  const caches: SequenceCache[] = Array.from({ length: 4 }, () => memory.open())
  await memory.restore(caches[3], rows(7, 4), 4)
  for (const cache of caches.slice(0, 3)) cache.release()
  for (let step = 0; step < 24; step++) await memory.settle()
  assert.equal([store.lanes, caches[3].lane], [1, 0])
  assert.equal(await memory.save(caches[3], 0, 4), rows(7, 4))
})

test('of a given number of cells, a text that is short of slots gets those of lanes that nobody has', async () => {
  const store = hostStore({ cells: 64 })
  const memory = new LaneMemory(store, { ...limits, cells: 64 })
  const caches = [memory.open(), memory.open()]
  await memory.restore(caches[1], rows(3, 20), 20)
  assert.equal([store.lanes, store.capacity], [2, 32])
  caches[0].release()
  await memory.restore(caches[1], rows(4, 20), 20)
  assert.equal([store.lanes, store.capacity, caches[1].lane], [1, 64, 0])
  assert.equal(await memory.save(caches[1], 0, 20), rows(3, 20))
})

test.run()
