// @process native
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { HostKvStore } from '../../../src/runtime/kv/host.js'
import type { KvShape } from '../../../src/runtime/kv/store.js'
import type { TensorView } from '../../../src/runtime/tensor.js'

const shape: KvShape = { k: 'float32', v: 'int8', rows: [16, 4] }

/** A binder that counts what is bound and not released. */
function counting(): { held: Set<TensorView>; bind(view: TensorView): TensorView; release(view: TensorView): void } {
  const held = new Set<TensorView>()
  return {
    held,
    bind(view) {
      held.add(view)
      return view
    },
    release: (view) => assert.ok(held.delete(view), 'it was bound and not released before'),
  }
}

test('values are bound over the rows where they lie: slots first, then lanes', async () => {
  const store = new HostKvStore(shape, { slots: 32, lanes: 3 }, counting())
  const { k, v } = store.bind(1, 16)
  assert.equal([k.type, k.dims, v.type, v.dims], ['float32', [16, 3, 4], 'int8', [16, 3, 4]])
  assert.is(v.data.length, 16 * 3 * 4)
  v.data[(5 * 3 + 2) * 4] = 77
  const bytes = await store.read({ lane: 2, slots: Int32Array.of(5) })
  assert.is(bytes[16 * 4 + 16 + 4 * 4], 77, 'behind K and V of layer 0 and K of layer 1')
})

test('values are bound once a length, kept for 32 of them, and released by a resize and at the end', async () => {
  const binder = counting()
  const store = new HostKvStore(shape, { slots: 1024, lanes: 1 }, binder)
  const first = store.bind(0, 16)
  assert.is(store.bind(0, 32) === first, false)
  assert.is(store.bind(0, 16), first)
  for (let slots = 48; slots <= 48 + 31 * 16; slots += 16) store.bind(1, slots)
  assert.is(binder.held.size, 32 * 4)
  assert.is(store.bind(0, 16) === first, false, 'the one that was not used for longest has gone')
  await store.resize([0, -1], 1)
  assert.is(binder.held.size, 0)
  assert.equal(store.bind(0, 16).k.dims, [16, 2, 16])
  store.dispose()
  assert.is(binder.held.size, 0)
})

test('memory is used again in place, and given back where it is far more than needed', async () => {
  const store = new HostKvStore(shape, { slots: 16, lanes: 1 }, counting())
  const cell = (16 + 4) * (4 + 1)
  await store.resize(
    Array.from({ length: 16 }, (_, lane) => lane - 1).map((lane) => (lane === 0 ? 0 : -1)),
    16,
  )
  const { buffer } = store.bind(0, 16).k.data
  await store.resize([0, 1], 1)
  assert.is(store.bind(0, 16).k.data.buffer, buffer)
  assert.is(store.bytes, 16 * 16 * cell)
  await store.resize([0], 1)
  assert.is(store.bytes, 16 * cell)
})

test.run()
