// @process own
/**
 * Rows stay what they were however a cache grows, shrinks and gives its lanes other places: against a plain model of
 * it, at random.
 */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { KvCache, SLOT_BLOCK } from '../../../src/runtime/kv/kv-cache.js'
import { seeded } from '../../support/random-llama.js'
import { TOY, writeToyGraph } from '../toy-graph.js'

const { info } = writeToyGraph('int8')
const ROUNDS = 400

/** A row that is like no other. */
function rowOf(cache: KvCache, mark: number): Uint8Array {
  const bytes = cache.copyOut(0, Int32Array.of(0)).length
  return Uint8Array.from({ length: bytes }, (_, i) => (mark * 31 + i * 7) % 251)
}

for (const cells of [undefined, 16 * SLOT_BLOCK]) {
  test(`rows of a cache ${cells === undefined ? 'that takes memory as it needs it' : 'of a fixed size'}`, () => {
    const random = seeded(7)
    const below = (n: number): number => Math.floor(random() * n)
    const cache = new KvCache(info, 'int8', { slots: SLOT_BLOCK, lanes: 1, cells })
    /** `lane slot`: the mark of the row there. */
    let rows = new Map<string, number>()
    let [grown, moved, inPlace, compared] = [0, 0, 0, 0]
    for (let round = 0; round < ROUNDS; round++) {
      const at = (lane: number, slot: number): string => `${lane} ${slot}`
      const write = [below(cache.lanes), below(cache.capacity)]
      cache.copyIn(write[0], Int32Array.of(write[1]), rowOf(cache, round))
      rows.set(at(write[0], write[1]), round)
      const before = cache.keys[0]
      if (below(4) === 0) {
        const most = cells === undefined ? 8 : cells / SLOT_BLOCK
        const lanes = Math.min(most, cache.lanes + below(3))
        const slots = cells === undefined ? cache.capacity + below(20) : 1
        cache.grow(slots, lanes)
        grown++
      } else if (below(3) === 0) {
        const from = Array.from({ length: 1 + below(8) }, () => below(cache.lanes + 1) - 1)
        cache.arrange(from)
        const kept = new Map<string, number>()
        for (const [lane, source] of from.entries()) {
          for (const [key, mark] of rows)
            if (Number(key.split(' ')[0]) === source) kept.set(at(lane, Number(key.split(' ')[1])), mark)
        }
        rows = kept
        moved++
      }
      if (cache.keys[0] === before) inPlace++
      for (const key of rows.keys()) if (Number(key.split(' ')[1]) >= cache.capacity) rows.delete(key)
      for (const [key, mark] of rows) {
        const [lane, slot] = key.split(' ').map(Number)
        compared++
        assert.equal(
          cache.copyOut(lane, Int32Array.of(slot)),
          rowOf(cache, mark),
          `round ${round}, lane ${lane}, slot ${slot}`,
        )
      }
    }
    assert.ok(
      grown > 50 && moved > 50 && inPlace > 300 && compared > 1000,
      `${grown} grown, ${moved} moved, ${inPlace} in place, ${compared} compared`,
    )
  })
}

test('rows are copied from one cache to another, as often as they are asked for', () => {
  const [from, to] = [
    new KvCache(info, 'int8', { slots: 32, lanes: 2 }),
    new KvCache(info, 'int8', { slots: 64, lanes: 3 }),
  ]
  for (const [i, slot] of [5, 30, 7].entries()) from.copyIn(1, Int32Array.of(slot), rowOf(from, i))
  to.copyRows(from, { lane: 1, slots: Int32Array.of(7, 5, 30) }, { lane: 2, slots: Int32Array.of(0, 63, 11) })
  for (const [slot, mark] of [
    [0, 2],
    [63, 0],
    [11, 1],
  ])
    assert.equal(to.copyOut(2, Int32Array.of(slot)), rowOf(to, mark))
  assert.is(
    to.copyOut(1, Int32Array.of(0)).some((byte) => byte !== 0),
    false,
  )
  assert.throws(
    () => to.copyRows(from, { lane: 2, slots: Int32Array.of(0) }, { lane: 0, slots: Int32Array.of(0) }),
    /lane 2 is outside/,
  )
})

test('memory that is far more than needed is given back', () => {
  const cache = new KvCache(info, 'int8', { slots: 16, lanes: 1 })
  const row = TOY.kvHeads * TOY.headDim
  cache.grow(16, 16)
  cache.arrange([0, 1])
  assert.is(cache.keys[0].length, 16 * 16 * row)
  cache.arrange([0])
  assert.is(cache.keys[0].length, 16 * row)
})

test.run()
