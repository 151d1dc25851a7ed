// @process own
/** Passes that are replayed, over the stand-in: the bits of passes run afresh, at fixed places, and nothing kept. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { graphsOf } from '../../../src/import/index.js'
import { forwardInfo } from '../../../src/open/open-model.js'
import { loadOrtApi } from '../../../src/runtime/binding/api.js'
import { BindingBackend } from '../../../src/runtime/binding/binding-backend.js'
import { MOST_RECORDINGS, ReplayedPasses } from '../../../src/runtime/device/replayed-passes.js'
import type { DeviceKvStore } from '../../../src/runtime/kv/device.js'
import { PassInputs } from '../../../src/runtime/pass-inputs.js'
import type { NamedTensor } from '../../../src/runtime/tensor.js'
import { imported } from '../../support/imported.js'
import { randomLlama } from '../../support/random-llama.js'
import { standInMemory, STAND_IN } from '../../support/stand-in-device.js'
import { watchReplays } from '../../support/stand-in-replays.js'
import { chain, pass } from '../passes.js'

const model = await imported(randomLlama(), 'fp32', true)
const { graphPath } = graphsOf(model, { grouped: true })
const info = forwardInfo(model.manifest)
const api = await loadOrtApi()

const logitsOf = (rows: number): NamedTensor => ({
  name: 'logits',
  type: 'float32',
  data: new Float32Array(rows * info.vocab),
  dims: [rows, info.vocab],
})

/** Runs chains of these tokens, each over a cache that holds nothing else. */
async function run(
  backend: BindingBackend,
  cache: DeviceKvStore,
  tokens: number[],
  isFixed = true,
): Promise<Float32Array> {
  const inputs = new PassInputs(backend.inputNames)
  inputs.fill(pass([chain(tokens)]), cache)
  const logits = logitsOf(tokens.length)
  await backend.run({ inputs: inputs.tensors, outputs: [logits], cache, slots: inputs.slots, isFixed })
  return logits.data as Float32Array
}

async function opened(): Promise<{ backend: BindingBackend; cache: DeviceKvStore }> {
  const backend = await BindingBackend.open(graphPath, 1, STAND_IN, true)
  return { backend, cache: backend.newCache(info.kv, { slots: 512, lanes: 1 }) as DeviceKvStore }
}

const TEXTS = [
  [3, 1, 4],
  [2, 7, 1],
  [1, 6],
]

test('replays have the logits of passes run afresh, between passes of other shapes and passes run afresh', async () => {
  const { counts, stop } = watchReplays(api)
  const { backend, cache } = await opened()
  backend.replays!.isOn = false
  const afresh: Float32Array[] = []
  for (const text of TEXTS) afresh.push(await run(backend, cache, text))
  assert.equal([counts, backend.replays!.captured], [{ captures: 0, replays: 0, afresh: 3 }, 0])
  backend.replays!.isOn = true
  for (let round = 0; round < 3; round++)
    for (const [i, text] of TEXTS.entries()) {
      assert.equal(await run(backend, cache, text), afresh[i])
      await run(backend, cache, [5, 5, 5, 5, 5], false)
    }
  assert.equal([counts, backend.replays!.captured], [{ captures: 2, replays: 7, afresh: 12 }, 2])
  assert.not.equal(afresh[0], afresh[1])
  cache.dispose()
  await backend.dispose()
  assert.is(backend.memory!.counts.blocks, 0)
  stop()
})

test('rows that moved are recorded anew, and passes of several sequences are run afresh', async () => {
  const { counts, stop } = watchReplays(api)
  const { backend, cache } = await opened()
  const [text] = TEXTS
  const logits = await run(backend, cache, text)
  await cache.resize([0], 1024)
  assert.equal(await run(backend, cache, text), logits)
  assert.equal([counts.captures, counts.replays], [2, 0])
  await cache.resize([0, -1], 1024)
  await run(backend, cache, text)
  assert.equal(counts, { captures: 2, replays: 0, afresh: 1 })
  cache.dispose()
  await backend.dispose()
  stop()
})

test('the stand-in finds out what a GPU could not: other places, and runs without a number', async () => {
  const { stop } = watchReplays(api)
  const { backend, cache } = await opened()
  const [text] = TEXTS
  await run(backend, cache, text)
  const place = cache.place
  await cache.resize([0], 1024)
  Object.defineProperty(cache, 'place', { get: () => place })
  assert.match(
    String(await run(backend, cache, text).catch(String)),
    /recording 1 is replayed with tensors in other pl/,
  )
  const { replays } = backend
  Object.defineProperty(replays, 'of', { value: async () => undefined })
  Object.defineProperty(replays, 'afresh', { value: 0n })
  assert.match(String(await run(backend, cache, text).catch(String)), /runs without a number/)
  stop()
})

test('beyond so many recordings passes are run afresh', async () => {
  const { memory } = await standInMemory()
  const { blocks } = memory.counts
  const replays = new ReplayedPasses(api, memory)
  const cache = { lanes: 1, place: {} } as DeviceKvStore
  const of = (slots: number): ReturnType<ReplayedPasses['of']> =>
    replays.of({ inputs: [logitsOf(1)], outputs: [logitsOf(2)], cache, slots, isFixed: true }, cache)
  for (let slots = 1; slots <= MOST_RECORDINGS; slots++) assert.ok(await of(slots))
  assert.is(await of(MOST_RECORDINGS + 1), undefined)
  assert.is(await of(1), await of(1))
  assert.is(replays.captured, MOST_RECORDINGS)
  replays.dispose()
  // The block that others are cleared from stays with the memory.
  assert.is(memory.counts.blocks, blocks + 1)
  memory.dispose()
})

test.run()
