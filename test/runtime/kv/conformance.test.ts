// @process native
/**
 * What every K/V store promises, whatever holds its rows: against a plain model of it at random, and rule by rule.
 * A new store is one more line of `STORES`.
 */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { DeviceKvStore } from '../../../src/runtime/kv/device.js'
import { HostKvStore } from '../../../src/runtime/kv/host.js'
import { bytesPerToken, SLOT_BLOCK, type CacheSize, type KvShape, type KvStore } from '../../../src/runtime/kv/store.js'
import { poison } from '../../support/poison.js'
import { seeded } from '../../support/random-llama.js'
import { standInMemory } from '../../support/stand-in-device.js'

const device = await standInMemory()

const STORES: Record<string, (shape: KvShape, size: CacheSize) => KvStore> = {
  host: (shape, size) => new HostKvStore(shape, size, { bind: (view) => view, release: () => undefined }),
  device: (shape, size) => new DeviceKvStore(shape, size, device.memory),
}

const SHAPES: KvShape[] = [
  { k: 'float32', v: 'int8', rows: [16, 16] },
  { k: 'float32', v: 'float32', rows: [8] },
  { k: 'int8', v: 'uint8', rows: [4, 12, 4] },
  { k: 'float16', v: 'float16', rows: [6, 6] },
]
/** Of changes at random: a copy of a device's store is a run of a graph. */
const ROUNDS: Record<string, number> = { host: 300, device: 40 }

/** A token's bytes that are like no other's. */
function rowOf(shape: KvShape, mark: number): Uint8Array {
  return Uint8Array.from({ length: bytesPerToken(shape) }, (_, i) => (mark * 31 + i * 7) % 251)
}

const at = (lane: number, ...slots: number[]): { lane: number; slots: Int32Array } => ({
  lane,
  slots: Int32Array.from(slots),
})

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => assert.unreachable('it was not refused'),
    (error: Error) => error.message,
  ) as Promise<string>
}

/** Keeps lanes where they are, with `more` new ones. */
function grown(store: KvStore, more = 0): number[] {
  return Array.from({ length: store.lanes + more }, (_, lane) => (lane < store.lanes ? lane : -1))
}

for (const [name, make] of Object.entries(STORES)) {
  for (const shape of SHAPES) {
    const kind = `${name}, K ${shape.k}, V ${shape.v}`

    for (const cells of [undefined, 16 * SLOT_BLOCK]) {
      test(`${kind}: rows outlast every resize, ${cells ? 'of a fixed size' : 'as memory needs'} `, async () => {
        const random = seeded(7)
        const below = (n: number): number => Math.floor(random() * n)
        const store = make(shape, { slots: SLOT_BLOCK, lanes: 1, cells })
        /** By lane and slot: the mark of the row there. */
        let rows = new Map<string, number>()
        let [resized, compared] = [0, 0]
        for (let round = 0; round < ROUNDS[name]; round++) {
          const [lane, slot] = [below(store.lanes), below(store.capacity)]
          await store.write(at(lane, slot), rowOf(shape, round))
          rows.set(`${lane} ${slot}`, round)
          if (below(2) === 0) {
            const most = cells === undefined ? 8 : cells / SLOT_BLOCK
            const lanesFrom =
              below(2) === 0
                ? grown(store, Math.min(below(3), most - store.lanes))
                : Array.from({ length: 1 + below(8) }, () => below(store.lanes + 1) - 1)
            await store.resize(lanesFrom, cells === undefined ? store.capacity + below(20) : 1)
            assert.is(store.lanes, lanesFrom.length)
            const kept = new Map<string, number>()
            lanesFrom.forEach((source, to) => {
              for (const [key, mark] of rows) {
                const [from, slotThere] = key.split(' ').map(Number)
                if (from === source && slotThere < store.capacity) kept.set(`${to} ${slotThere}`, mark)
              }
            })
            rows = kept
            resized++
          }
          for (const [key, mark] of rows) {
            const [inLane, inSlot] = key.split(' ').map(Number)
            compared++
            assert.equal(await store.read(at(inLane, inSlot)), rowOf(shape, mark), `round ${round}, ${key}`)
          }
        }
        store.dispose()
        assert.ok(3 * resized > ROUNDS[name] && compared > 2 * ROUNDS[name], `${resized} resized, ${compared} compared`)
      })
    }

    test(`${kind}: what is read of several rows, written elsewhere, is read there again`, async () => {
      const store = make(shape, { slots: 32, lanes: 3 })
      for (const slot of [4, 9, 30]) await store.write(at(1, slot), rowOf(shape, slot))
      const bytes = await store.read(at(1, 30, 4, 9))
      assert.is(bytes.length, 3 * bytesPerToken(shape))
      await store.write(at(2, 0, 31, 7), bytes)
      assert.equal(await store.read(at(2, 31)), rowOf(shape, 4))
      assert.equal(await store.read(at(2, 0, 31, 7)), bytes)
      assert.equal(await store.read(at(0, 0, 31, 7)), new Uint8Array(bytes.length), 'other lanes are left alone')
      store.dispose()
    })

    test(`${kind}: rows are copied within a store and from stores of any kind, and stay where they were`, async () => {
      for (const makeSource of Object.values(STORES)) {
        const [source, store] = [makeSource(shape, { slots: 32, lanes: 2 }), make(shape, { slots: 64, lanes: 3 })]
        for (const slot of [5, 7, 30]) await source.write(at(1, slot), rowOf(shape, slot))
        await store.copyFrom(source, at(1, 7, 5, 30), at(2, 0, 63, 11))
        await store.copyFrom(store, at(2, 63), at(0, 63))
        assert.equal(await store.read(at(2, 0)), rowOf(shape, 7))
        assert.equal(await store.read(at(0, 63)), rowOf(shape, 5))
        assert.equal(await source.read(at(1, 30)), rowOf(shape, 30))
        assert.match(await refusal(store.copyFrom(source, at(2, 0), at(0, 0))), /lane 2 is outside 0 \.\. 1/)
        assert.match(await refusal(store.copyFrom(source, at(0, 0), at(0, 0, 1))), /1 rows cannot go to 2 slots/)
        source.dispose()
        store.dispose()
      }
    })

    test(`${kind}: poison reaches the rows it names and no others`, async () => {
      const store = make(shape, { slots: 16, lanes: 2 })
      await poison(store, 1, [3, 8])
      assert.ok((await store.read(at(1, 3, 8))).every((byte) => byte === 0xff))
      assert.ok((await store.read(at(1, 2, 4, 7, 9))).every((byte) => byte === 0))
      assert.ok((await store.read(at(0, 3, 8))).every((byte) => byte === 0))
      store.dispose()
    })
  }

  const [shape] = SHAPES

  test(`${name}: lanes, slots, bytes and shapes that do not fit are refused by name, and change nothing`, async () => {
    const store = make(shape, { slots: 16, lanes: 2 })
    await store.write(at(1, 3), rowOf(shape, 3))
    const bytes = bytesPerToken(shape)
    assert.match(await refusal(store.read(at(2, 0))), /lane 2 is outside 0 \.\. 1/)
    assert.match(await refusal(store.read(at(0, 16))), /slot 16 is outside 0 \.\. 15/)
    assert.match(await refusal(store.write(at(0, -1), rowOf(shape, 1))), /slot -1 is outside/)
    assert.match(await refusal(store.write(at(0, 1), new Uint8Array(bytes - 1))), new RegExp(`give ${bytes}`))
    assert.match(await refusal(store.resize([], 16)), /lanes is 0/)
    assert.match(await refusal(store.resize([0, 2], 16)), /lane 2 is outside 0 \.\. 1/)
    assert.match(await refusal(store.resize([0, 1], 0)), /slots is 0/)
    const other = make(SHAPES[1], { slots: 16, lanes: 2 })
    assert.match(await refusal(store.copyFrom(other, at(0, 0), at(0, 0))), /V float32, do not fit a cache of 2 layers/)
    assert.throws(() => make(shape, { slots: 0 }), /slots is 0/)
    assert.equal([store.lanes, store.capacity], [2, 16])
    assert.equal(await store.read(at(1, 3)), rowOf(shape, 3))
    other.dispose()
    store.dispose()
  })

  test(`${name}: cells are shared out among the lanes, and no more is to be had`, async () => {
    const store = make(shape, { cells: 8 * SLOT_BLOCK })
    assert.equal([store.lanes, store.capacity], [1, 8 * SLOT_BLOCK])
    await store.resize([0, -1, -1], 2 * SLOT_BLOCK)
    assert.equal([store.lanes, store.capacity], [3, 2 * SLOT_BLOCK])
    assert.match(
      await refusal(store.resize([0, 1, 2], 2 * SLOT_BLOCK + 1)),
      /33 slots were asked for and the cache has 32 for each of 3 sequences/,
    )
    await store.resize([2], 1)
    assert.is(store.capacity, 8 * SLOT_BLOCK)
    store.dispose()
  })

  test(`${name}: slots come in blocks and never become fewer while lanes stay`, async () => {
    const store = make(shape, { slots: 17, lanes: 1 })
    assert.is(store.capacity, 2 * SLOT_BLOCK)
    await store.resize([0], 1)
    assert.is(store.capacity, 2 * SLOT_BLOCK)
    await store.resize([0], 2 * SLOT_BLOCK + 1)
    assert.is(store.capacity, 3 * SLOT_BLOCK)
    store.dispose()
  })
}

test('no store keeps memory of the device once it is disposed of', () => {
  assert.is(device.memory.counts.blocks, 1, 'the zeros that blocks are cleared with')
  assert.ok(device.memory.counts.copies > 500)
  device.memory.dispose()
  assert.equal([device.memory.counts.blocks, device.memory.counts.bytes], [0, 0])
})

test.run()
