// @process native
/**
 * fp16 models, and layers that are copied to where they compute: what a GPU does, done here with other memory of the
 * CPU, so that reading, copying ahead and what goes wrong in between are the same code.
 */
import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CPU, type Device } from '../../../src/runtime/binding/device.js'
import type { Forward, ForwardInput } from '../../../src/runtime/forward.js'
import { imported, openImported, openImportedStreamed, using } from '../../support/imported.js'
import { randomLlama } from '../../support/random-llama.js'
import { STAND_IN } from '../../support/stand-in-device.js'
import { tempFolder } from '../../support/temp-folder.js'
import { chain, pass } from '../passes.js'

const APART: Device = { ...CPU, isApart: true }
const LAYERS = 5
const checkpoint = randomLlama({ layers: LAYERS })
const [half, full] = [imported(checkpoint, 'fp16'), imported(checkpoint, 'fp32')]
const tokens = [3, 14, 15, 9, 2, 6, 5, 35, 8, 9, 7, 9]
const tree = {
  tokens: [4, 8, 15, 16, 23, 42, 7],
  slots: [9, 3, 30, 12, 0, 21, 17],
  parents: [-1, 0, 0, 1, 1, 2, 2],
  lane: 0,
}

async function logits(forward: Forward, input: ForwardInput): Promise<Float32Array> {
  const found = new Float32Array(input.logitRows.length * forward.info.vocab)
  await forward.run(input, { logits: found })
  return found
}

/** A chunk, single rows, a tree. */
async function all(forward: Forward): Promise<Float32Array[]> {
  const found = [await logits(forward, pass([chain(tokens)], 0, 5))]
  for (let row = 5; row < 8; row++) found.push(await logits(forward, pass([chain(tokens)], row, row + 1)))
  return [...found, await logits(forward, pass([tree]))]
}

function furthest(one: readonly Float32Array[], other: readonly Float32Array[]): number {
  return Math.max(...one.flatMap((row, i) => Array.from(row, (value, j) => Math.abs(value - other[i][j]))))
}

const bytesOf = (rows: readonly Float32Array[]): Uint8Array[] => rows.map((row) => new Uint8Array(row.buffer))

test('fp16 is fp32 but for the rounding of its weights, in memory and streamed', async () => {
  const exact = await using(openImported(await full), all)
  const spread = furthest(
    exact,
    exact.map((row) => row.map(() => 0)),
  )
  const rounded = await using(openImported(await half), all)
  assert.ok(furthest(rounded, exact) < 0.01 * spread, `${furthest(rounded, exact)} of ${spread}`)
  assert.ok(furthest(rounded, exact) > 0, 'weights were rounded')
  const streamed = await using(openImportedStreamed(await half, { residentLayers: 2 }), all)
  assert.ok(furthest(streamed, rounded) < 1e-4 * spread, `${furthest(streamed, rounded)} of ${spread}`)
})

for (const [residentLayers, deviceLayers] of [
  [0, 0],
  [3, 0],
  [LAYERS, 0],
  [2, 2],
  [0, LAYERS - 1],
  [0, LAYERS],
]) {
  const where = `${residentLayers} of ${LAYERS} in memory and ${deviceLayers} on the device`
  test(`copied layers give the bits of others, ${where}`, async () => {
    const direct = await using(openImportedStreamed(await half, { residentLayers }), all)
    const options = { residentLayers, deviceLayers, device: deviceLayers > 0 ? STAND_IN : APART }
    const copied = await using(openImportedStreamed(await half, options), all)
    assert.equal(bytesOf(copied), bytesOf(direct))
  })
}

test('a layer damaged or cut short fails the pass that copies it; put right, passes have the old bits', async () => {
  const { dir, manifest } = await half
  const own = tempFolder()
  cpSync(dir, own, { recursive: true })
  const weights = join(own, 'weights.bin')
  const whole = readFileSync(weights)
  const { layers, layerBytes } = JSON.parse(readFileSync(join(own, 'layers.json'), 'utf8')) as {
    layers: { offset: number }[]
    layerBytes: number
  }
  await using(openImportedStreamed({ dir: own, manifest }, { residentLayers: 1, device: APART }), async (forward) => {
    const input = pass([chain(tokens)])
    const before = await logits(forward, input)
    const damaged = Buffer.from(whole)
    damaged[layers[3].offset + (layerBytes >> 1)] ^= 1
    for (const [bytes, said] of [
      [damaged, /weights of layer 3 are not what import wrote/],
      [null, /weights\.bin ends at byte/],
    ] as const) {
      if (bytes) writeFileSync(weights, bytes)
      else truncateSync(weights)
      for (let again = 0; again < 2; again++) {
        const failure: unknown = await logits(forward, input).catch((error: unknown) => error)
        assert.match(String(failure), said)
      }
      writeFileSync(weights, whole)
      assert.equal(await logits(forward, input), before)
      assert.is(await forward.source!.recover(), null)
      assert.equal(await logits(forward, input), before)
    }
  })
})

test.run()
