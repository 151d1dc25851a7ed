// @process native
/**
 * Models streamed layer by layer give the bits of the same models in memory, and say what is wrong with their files.
 */
import { cpSync, readFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ModelError } from '../../../src/spec/errors.js'
import type { StreamedLayout } from '../../../src/runtime/streamed/layout.js'
import type { Forward, ForwardInput } from '../../../src/runtime/forward.js'
import { imported, openImported, openImportedStreamed, using, type Imported } from '../../support/imported.js'
import { randomLlama } from '../../support/random-llama.js'
import { tempFolder } from '../../support/temp-folder.js'
import { chain, pass } from '../passes.js'

const LAYERS = 5
const model = imported(randomLlama({ layers: LAYERS }), 'w8a8')
const tokens = [3, 14, 15, 9, 2, 6, 5, 35, 8, 9, 7, 9]
/** A root and two levels of two and four nodes, in slots that are out of order. */
const tree = {
  tokens: [4, 8, 15, 16, 23, 42, 7],
  slots: [9, 3, 30, 12, 0, 21, 17],
  parents: [-1, 0, 0, 1, 1, 2, 2],
  lane: 0,
}

async function bits(forward: Forward, input: ForwardInput): Promise<Uint32Array> {
  const logits = new Float32Array(input.logitRows.length * forward.info.vocab)
  await forward.run(input, { logits })
  return new Uint32Array(logits.buffer)
}

/** A chunk, single rows, a tree in place of the chain's end, and for several lanes three sequences at once. */
async function allBits(forward: Forward, lanes: number): Promise<Uint32Array[]> {
  const found = [await bits(forward, pass([chain(tokens)], 0, 5))]
  for (let row = 5; row < 8; row++) found.push(await bits(forward, pass([chain(tokens)], row, row + 1)))
  found.push(await bits(forward, pass([tree])))
  if (lanes > 1)
    found.push(await bits(forward, pass([chain(tokens, 0), chain(tokens.slice(3), 1, 2), chain([1, 2], 2)])))
  return found
}

/** The model in a folder that the test may break. */
async function copy(): Promise<Imported & { weights: string; layout: StreamedLayout }> {
  const { dir, manifest } = await model
  const own = tempFolder()
  cpSync(dir, own, { recursive: true })
  return {
    dir: own,
    manifest,
    weights: join(own, 'weights.bin'),
    layout: JSON.parse(readFileSync(join(own, 'layers.json'), 'utf8')) as StreamedLayout,
  }
}

async function failure(work: Promise<unknown>): Promise<ModelError> {
  return work.then(
    () => assert.unreachable('it did not fail'),
    (error: ModelError) => error,
  ) as Promise<ModelError>
}

/** Changes a byte in the middle of a layer. */
function corrupt(weights: string, { layers, layerBytes }: StreamedLayout, layer: number): void {
  const bytes = readFileSync(weights)
  bytes[layers[layer].offset + (layerBytes >> 1)] ^= 1
  writeFileSync(weights, bytes)
}

for (const [lanes, counts] of [
  [1, [0, 3, LAYERS]],
  [3, [1, LAYERS - 1]],
] as const) {
  for (const residentLayers of counts) {
    test(`${residentLayers} of ${LAYERS} layers resident give the resident model's bits (${lanes} lanes)`, async () => {
      const resident = await using(openImported(await model, { lanes }), (forward) => allBits(forward, lanes))
      const streamed = await using(openImportedStreamed(await model, { lanes, residentLayers }), (forward) =>
        allBits(forward, lanes),
      )
      assert.equal(streamed, resident)
      assert.ok(new Set(resident[0]).size > 100, 'logits are not all alike')
    })
  }
}

test('the cache grows and is arranged between passes as in memory', async () => {
  const run = async (forward: Forward): Promise<Uint32Array> => {
    await bits(forward, pass([chain(tokens)], 0, 8))
    await forward.cache.resize([0, -1], 200)
    await forward.cache.resize([-1, 0], 1)
    return bits(forward, pass([chain(tokens, 1)], 8))
  }
  assert.equal(
    await using(openImportedStreamed(await model, { residentLayers: 1 }, true), run),
    await using(openImported(await model, {}, true), run),
  )
})

test('a layer changed on disk fails the pass that reads it, by name; put right, the next has old bits', async () => {
  const own = await copy()
  await using(openImportedStreamed(own, { residentLayers: 2 }), async (forward) => {
    const input = pass([chain(tokens)])
    const before = await bits(forward, input)
    const whole = readFileSync(own.weights)
    corrupt(own.weights, own.layout, 3)
    const error = await failure(bits(forward, input))
    assert.is(error.code, 'model_invalid')
    assert.match(error.message, /weights of layer 3 are not what import wrote/)
    assert.match((await failure(bits(forward, input))).message, /layer 3/, 'it stays refused')
    writeFileSync(own.weights, whole)
    assert.equal(await bits(forward, input), before)
  })
})

test('a file emptied and replaced by a whole one fails no pass: what was read before says nothing of it', async () => {
  const own = await copy()
  await using(openImportedStreamed(own, { residentLayers: 0 }), async (forward) => {
    const input = pass([chain(tokens)])
    const before = await bits(forward, input)
    cpSync(own.weights, `${own.weights}.aside`)
    truncateSync(own.weights)
    renameSync(`${own.weights}.aside`, own.weights)
    assert.equal(await bits(forward, input), before)
  })
})

test('a file emptied fails passes and nothing more; filled again, it is read again', async () => {
  const own = await copy()
  const whole = readFileSync(own.weights)
  await using(openImportedStreamed(own, { residentLayers: 1 }), async (forward) => {
    const input = pass([chain(tokens)])
    const before = await bits(forward, input)
    truncateSync(own.weights)
    assert.match((await failure(bits(forward, input))).message, /weights\.bin ends at byte/)
    writeFileSync(own.weights, whole)
    assert.equal(await bits(forward, input), before)
  })
})

test('a file cut short, and one that is gone, fail passes with the reason; back again, it is read again', async () => {
  const own = await copy()
  await using(openImportedStreamed(own, { residentLayers: 1 }), async (forward) => {
    const input = pass([chain(tokens)])
    const before = await bits(forward, input)
    renameSync(own.weights, `${own.weights}.aside`)
    const gone = await failure(bits(forward, input))
    assert.is(gone.code, 'model_not_found')
    assert.match(gone.message, /weights\.bin is gone/)
    cpSync(`${own.weights}.aside`, own.weights)
    assert.equal(await bits(forward, input), before)
    truncateSync(own.weights, own.layout.layers[LAYERS - 2].offset)
    assert.match((await failure(bits(forward, input))).message, /weights\.bin ends at byte/)
    rmSync(own.weights)
    cpSync(`${own.weights}.aside`, own.weights)
    assert.equal(await bits(forward, input), before)
  })
})

test('a file whose times change and nothing else is read on', async () => {
  const own = await copy()
  await using(openImportedStreamed(own, { residentLayers: 0 }), async (forward) => {
    const input = pass([chain(tokens)])
    const before = await bits(forward, input)
    utimesSync(own.weights, 1, 1)
    assert.equal(await bits(forward, input), before)
  })
})

test('a model that is closed while a pass runs ends the pass first', async () => {
  const forward = await openImportedStreamed(await model, { residentLayers: 0 })
  const running = bits(forward, pass([chain(tokens)]))
  await forward.dispose()
  assert.is((await running).length, tokens.length * forward.info.vocab)
})

test.run()
