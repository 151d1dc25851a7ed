// @process native
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { DeviceKvStore } from '../../../src/runtime/kv/device.js'
import { bytesPerToken, type CacheSize, type KvShape } from '../../../src/runtime/kv/store.js'
import { RuntimeError } from '../../../src/spec/errors.js'
import { standInMemory } from '../../support/stand-in-device.js'

const shape: KvShape = { k: 'float16', v: 'float16', rows: [8, 8] }
const { api, memory } = await standInMemory()
const made = (size: CacheSize): DeviceKvStore => new DeviceKvStore(shape, size, memory)
const row = (mark: number): Uint8Array => new Uint8Array(bytesPerToken(shape)).fill(mark)
const at = (lane: number, ...slots: number[]): { lane: number; slots: Int32Array } => ({
  lane,
  slots: Int32Array.from(slots),
})

/** Lets so many calls of a function through, and fails the next ones until `end`. */
function failing(name: string, after: number): { end: () => void } {
  const call = api.callAsync.bind(api)
  let calls = 0
  api.callAsync = (...args) =>
    args[0] === name && calls++ >= after ? Promise.reject(new RuntimeError(`${name} failed`)) : call(...args)
  return { end: () => Reflect.deleteProperty(api, 'callAsync') }
}

test('memory is taken by the first call that needs it, and all of it is given back', async () => {
  memory.free(await memory.allocate(1))
  const { blocks } = memory.counts
  const store = made({ slots: 32, lanes: 2 })
  await store.resize([0, 1, -1], 40)
  assert.is(memory.counts.blocks, blocks)
  await store.prepare()
  assert.is(memory.counts.blocks, blocks + 4)
  store.dispose()
  assert.is(memory.counts.blocks, blocks)
})

test('one lane is shown as many slots as it needs in steps, several all that they have', async () => {
  const store = made({ slots: 600, lanes: 1 })
  assert.equal(
    [1, 256, 257, 600].map((live) => store.shownSlots(live)),
    [256, 256, 512, 608],
  )
  await store.resize([0, -1], 1)
  assert.equal([store.shownSlots(1), store.isByLane], [608, true])
  store.dispose()
})

test('rows that lie together are copied as one', async () => {
  const store = made({ slots: 32, lanes: 1 })
  await store.prepare()
  const before = memory.counts.copies
  await store.read(at(0, 3, 4, 5, 9))
  assert.is(memory.counts.copies - before, 4 * 2, 'K and V of two layers, two runs each')
  store.dispose()
})

test('where a larger cache cannot be had, the rows stay what and where they are', async () => {
  const store = made({ slots: 16, lanes: 1 })
  await store.write(at(0, 3), row(7))
  const { blocks } = memory.counts
  for (const [name, after] of [
    ['AllocatorAlloc', 2],
    ['Run', 5],
  ] as const) {
    const { end } = failing(name, after)
    assert.match(String(await store.resize([0, -1], 64).catch(String)), `${name} failed`)
    end()
    assert.equal([store.lanes, store.capacity, memory.counts.blocks], [1, 16, blocks])
    assert.equal(await store.read(at(0, 3)), row(7))
  }
  await store.resize([0, -1], 64)
  assert.equal(await store.read(at(0, 3)), row(7))
  store.dispose()
})

test('cells that are moved in place when a copy fails are not read any more', async () => {
  const store = made({ cells: 64 })
  await store.write(at(0, 3), row(7))
  const { end } = failing('Run', 3)
  assert.match(String(await store.resize([0, -1], 16).catch(String)), 'Run failed')
  end()
  assert.match(String(await store.read(at(0, 3)).catch(String)), /rows were lost when they were moved.*open the model/)
  store.dispose()
})

test('nothing is kept of a cache that does not fit', async () => {
  const { blocks } = memory.counts
  const store = made({ slots: 16, lanes: 1 })
  const { end } = failing('AllocatorAlloc', 3)
  assert.match(String(await store.prepare().catch(String)), /no 256 bytes left/)
  end()
  assert.is(memory.counts.blocks, blocks)
  store.dispose()
})

test.run()
