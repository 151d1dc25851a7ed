// @process native
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { GraphBuilder } from '../../../src/onnx/graph-builder.js'
import { CPU } from '../../../src/runtime/binding/device.js'
import { COPY_GRAPH, DeviceMemory } from '../../../src/runtime/device/memory.js'
import { RuntimeError } from '../../../src/spec/errors.js'
import { missingKernels } from '../../support/cuda-kernels.js'
import { standInMemory, watchViews } from '../../support/stand-in-device.js'

const { api, memory } = await standInMemory()

async function bytesOf(block: { address: bigint; bytes: number }): Promise<Uint8Array> {
  const bytes = new Uint8Array(block.bytes)
  await memory.copy([{ from: block, to: memory.hostPlace(bytes, 0), bytes: block.bytes }])
  return bytes
}

test('the graph of copies is one Identity, and the GPU has a kernel for it', () => {
  const g = new GraphBuilder('copy')
  g.op('Identity', [g.input('from', 'uint8', ['n'])], {}, 'to')
  g.output('to', 'uint8', ['n'])
  assert.equal(Buffer.from(g.encode()), Buffer.from(COPY_GRAPH))
  assert.equal(missingKernels(COPY_GRAPH), [])
})

test('memory comes cleared, whatever was in it before, and is counted until it is freed', async () => {
  const before = { ...memory.counts }
  for (const size of [64, 5 * 2 ** 20 + 3]) {
    const block = await memory.allocate(size)
    assert.is(
      (await bytesOf(block)).every((byte) => byte === 0),
      true,
    )
    const ones = new Uint8Array(size).fill(0xff)
    await memory.copy([{ from: memory.hostPlace(ones, 0), to: block, bytes: size }])
    assert.equal(await bytesOf(block), ones)
    memory.free(block)
  }
  assert.is(memory.counts.blocks - before.blocks, 1, 'the zeros are kept')
  assert.ok(memory.counts.copiedBytes > 15 * 2 ** 20)
})

test('bytes go from anywhere to anywhere within blocks and arrays, and JavaScript looks at none of them', async () => {
  const { seen, stop } = watchViews(api)
  const [one, other] = [await memory.allocate(32), await memory.allocate(32)]
  const host = Uint8Array.from({ length: 32 }, (_, i) => i)
  await memory.copy([
    { from: memory.hostPlace(host, 4), to: { address: one.address + 8n }, bytes: 6 },
    { from: { address: one.address + 8n }, to: { address: other.address + 1n }, bytes: 6 },
  ])
  assert.equal(Array.from(await bytesOf(other)).slice(0, 9), [0, 4, 5, 6, 7, 8, 9, 0, 0])
  assert.equal(seen, [])
  stop()
  for (const block of [one, other]) memory.free(block)
})

test('where the device has no more memory, the error names the bytes, and nothing is kept', async () => {
  const { blocks, bytes } = memory.counts
  const error = await memory.allocate(2 ** 46).then(
    () => null,
    (reason: unknown) => reason,
  )
  assert.instance(error, RuntimeError)
  assert.match(String(error), /no 70368744177664 bytes left beside the \d+ taken[^]*; give maxContext or maxBatch less/)
  assert.equal([memory.counts.blocks, memory.counts.bytes], [blocks, bytes])
})

test('a copy that fails keeps no values', async () => {
  const created: bigint[] = []
  const [create, release] = [api.create.bind(api), api.release.bind(api)]
  const block = await memory.allocate(8)
  api.create = (name, args) => {
    const made = create(name, args)
    if (name === 'CreateTensorWithDataAsOrtValue') created.push(made)
    return made
  }
  api.release = (name, object) => {
    if (created.includes(object)) created.splice(created.indexOf(object), 1)
    release(name, object)
  }
  api.callAsync = () => Promise.reject(new RuntimeError('the bus is gone'))
  const failed = await memory.copy([{ from: block, to: block, bytes: 8 }]).catch(String)
  assert.match(String(failed), 'the bus is gone')
  assert.equal(created, [])
  for (const name of ['create', 'release', 'callAsync']) Reflect.deleteProperty(api, name)
  memory.free(block)
})

test('a device without memory of its own has none to give; in the end all is given back', async () => {
  assert.match(String(await DeviceMemory.open(api, CPU).catch(String)), /device cpu has no memory of its own/)
  memory.dispose()
  assert.equal([memory.counts.blocks, memory.counts.bytes], [0, 0])
})

test.run()
