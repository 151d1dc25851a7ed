import { crc32 } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { LayerStream, residentLayers } from '../../../src/runtime/streamed/layer-stream.js'
import type { StreamedLayout } from '../../../src/runtime/streamed/layout.js'
import type { WatchedFile } from '../../../src/runtime/streamed/watched-file.js'
import { ModelError } from '../../../src/spec/errors.js'

const LAYERS = 5
const BYTES = 8192
/** Layer i is full of i + 1. */
const weights = Uint8Array.from({ length: LAYERS * BYTES }, (_, at) => 1 + Math.floor(at / BYTES))
const LAYOUT: StreamedLayout = {
  layerBytes: BYTES,
  tensors: [],
  stepNames: [],
  layers: Array.from({ length: LAYERS }, (_, layer) => ({
    offset: layer * BYTES,
    crc32: crc32(weights.subarray(layer * BYTES, (layer + 1) * BYTES)),
    steps: [],
  })),
  embedding: { rows: 0, scale: null, bytes: 0, crc32: 0 },
  kept: { layer: [], head: [] },
}

/** A file of these bytes; reads of a layer named in `failing` fail. */
function fileOf(held: Uint8Array, failing: ReadonlySet<number> = new Set()): WatchedFile {
  const file: Pick<WatchedFile, 'path' | 'read'> = {
    path: 'weights.bin',
    async read(into, offset) {
      const layer = Math.floor(offset / BYTES)
      if (failing.has(layer)) throw new ModelError('model_invalid', 'weights.bin', `layer ${layer} cannot be read`)
      into.set(held.subarray(offset, offset + into.length))
    },
  }
  return file as WatchedFile
}

function opened(residents: number[], file = fileOf(weights)): Promise<LayerStream> {
  const count = residents.length + Math.min(3, LAYERS - residents.length)
  const memory = Array.from({ length: count }, () => new Uint8Array(BYTES))
  return LayerStream.open({ file, layout: LAYOUT, residents: new Set(residents), memory })
}

/** The first byte of each layer of a pass. */
async function pass(from: LayerStream): Promise<number[]> {
  const found: number[] = []
  for (let layer = 0; layer < LAYERS; layer++) {
    const [first, ...others] = await from.take(layer)
    assert.ok(others.every((byte) => byte === first))
    found.push(first)
    from.giveBack(layer)
  }
  return found
}

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(() => 'it did not fail', String)
}

/** Nothing in memory; a test may change its bytes and let reads fail, and puts both right again. */
const bytes = weights.slice()
const failing = new Set<number>()
const stream = await opened([], fileOf(bytes, failing))

/** From the first layer on, whatever was taken before. */
async function begunAnew(): Promise<void> {
  await stream.stop()
  stream.restart()
}

test('layers that stay in memory are spread evenly', () => {
  assert.equal([...residentLayers(6, 3)], [0, 2, 4])
  assert.equal([...residentLayers(5, 2)], [0, 2])
  assert.equal([[...residentLayers(4, 0)], residentLayers(4, 4).size], [[], 4])
})

for (const residents of [
  [0, 2],
  [0, 1, 2, 3, 4],
])
  test(`pass after pass gets every layer in order, ${residents.length} of ${LAYERS} in memory`, async () => {
    const resident = await opened(residents)
    for (let round = 0; round < 3; round++) assert.equal(await pass(resident), [1, 2, 3, 4, 5])
    await resident.stop()
    const { bytesRead } = resident.counts
    const streamed = LAYERS - residents.length
    // Three passes, and up to three layers ahead of the fourth.
    assert.ok(bytesRead >= 3 * streamed * BYTES && bytesRead <= (3 * streamed + 3) * BYTES, `${bytesRead}`)
  })

test('after a stop the first layer comes first again, and no buffer is lost', async () => {
  for (let round = 0; round < 5; round++) {
    await begunAnew()
    for (let layer = 0; layer < round; layer++) {
      assert.is((await stream.take(layer))[0], layer + 1)
      stream.giveBack(layer)
    }
  }
  await begunAnew()
  assert.equal(await pass(stream), [1, 2, 3, 4, 5])
})

test('a layer that differs from its checksum is named when it is taken, and read anew after a restart', async () => {
  await stream.stop()
  bytes[3 * BYTES + 5] ^= 1
  stream.restart()
  assert.match(await failure(pass(stream)), /the weights of layer 3 are not what import wrote/)
  bytes[3 * BYTES + 5] ^= 1
  await begunAnew()
  assert.equal(await pass(stream), [1, 2, 3, 4, 5])
})

test('a resident layer that differs fails the opening', async () => {
  const changed = weights.slice()
  changed[7] ^= 1
  assert.match(await failure(opened([0], fileOf(changed))), /the weights of layer 0 are not what import wrote/)
})

test('a read that fails fails who takes its layer, and is tried again after a restart', async () => {
  await stream.stop()
  failing.add(2)
  stream.restart()
  assert.match(await failure(pass(stream)), /layer 2 cannot be read/)
  failing.clear()
  await begunAnew()
  assert.equal(await pass(stream), [1, 2, 3, 4, 5])
})

test.run()
