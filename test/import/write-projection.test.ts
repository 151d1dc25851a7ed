// @process native
/** A target whose `hidden` is made of several layers: their outputs, normed, projected and summed, in any format. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { importModel } from '../../src/import/index.js'
import type { ProjectionSource } from '../../src/import/write-projection.js'
import { normalize } from '../../src/import/calibration.js'
import { targetTexts } from '../../src/heads/target-texts.js'
import type { Norm } from '../../src/spec/model-spec.js'
import type { Forward } from '../../src/runtime/forward.js'
import { openImported, openImportedStreamed, using, type Imported } from '../support/imported.js'
import { randomLlama, randomTensor } from '../support/random-llama.js'
import { tempFolder } from '../support/temp-folder.js'

const root = tempFolder()
const target = randomLlama({ layers: 4 })
const { hidden, vocab } = target.spec
const WIDTH = 20
const TAPS = [-1, 2, 3, 2]
const EPSILON = 1e-5
type Over = (Norm & { over: 'all' | 'each' }) | null

const matrix = (tap: number): Float32Array => randomTensor(`projection ${tap}`, [WIDTH, hidden], 5)
const norms = (tap: number): Float32Array => randomTensor(`norm ${tap}`, [hidden], 5)

const source = (norm: Over): ProjectionSource => ({
  sha256: 'f'.repeat(64),
  of: () => ({
    taps: TAPS,
    width: WIDTH,
    norm,
    read: async (tap) => matrix(tap),
    readNorm: async (tap) => (norm === null ? null : norms(tap)),
  }),
})

let count = 0
async function imported(format: string, norm: Over): Promise<Imported> {
  const dir = `${root}/${count++}`
  return { dir, manifest: await importModel(target, { format, outDir: dir, projection: source(norm) }) }
}

async function pass(forward: Forward, tokens: Int32Array): Promise<{ hidden: Float32Array; logits: Float32Array }> {
  const n = tokens.length
  const rows = Int32Array.from({ length: n }, (_, i) => i)
  const output = { logits: new Float32Array(n * vocab), hidden: new Float32Array(n * WIDTH) }
  await forward.run(
    {
      tokens,
      positions: rows,
      slots: rows,
      lanes: new Int32Array(n),
      liveSlots: n,
      mask: Uint8Array.from({ length: n * n }, (_, i) => (i % n <= Math.floor(i / n) ? 1 : 0)),
      logitRows: rows,
    },
    output,
  )
  return output
}

const [text] = await targetTexts(target, new Set(TAPS), 24)

/** What the projection is by its definition, of the outputs in fp32. */
function expected(norm: Over): Float32Array {
  const n = text.tokens.length
  const width = TAPS.length * hidden
  const all = new Float32Array(n * width)
  TAPS.forEach((layer, tap) => {
    for (let row = 0; row < n; row++)
      all.set(text.outputs.get(layer)!.subarray(row * hidden, (row + 1) * hidden), row * width + tap * hidden)
  })
  const normed = norm === null ? all : normalize(all, norm.over === 'all' ? width : hidden, EPSILON)
  const out = new Float32Array(n * WIDTH)
  for (let row = 0; row < n; row++)
    for (const tap of TAPS.keys()) {
      const [weights, factors] = [matrix(tap), norm === null ? null : norms(tap)]
      for (let o = 0; o < WIDTH; o++)
        for (let i = 0; i < hidden; i++)
          out[row * WIDTH + o] += weights[o * hidden + i] * (factors?.[i] ?? 1) * normed[row * width + tap * hidden + i]
    }
  return out
}

const distance = (found: Float32Array, wanted: Float32Array): number => {
  const square = (values: Float32Array): number => values.reduce((sum, value) => sum + value * value, 0)
  return Math.sqrt(square(wanted.map((value, i) => found[i] - value)) / square(wanted))
}

for (const over of [null, 'all', 'each'] as const) {
  const norm = over && { epsilon: EPSILON, over }
  test(`it is the sum of all matrices times their layers' outputs (norm over ${over ?? 'none'})`, async () => {
    for (const [format, most] of Object.entries({ fp32: 1e-5, fp16: 5e-3, w8a8: 0.1 })) {
      const model = await imported(format, norm)
      assert.equal(model.manifest.features, { read: 0, written: WIDTH })
      assert.equal([model.manifest.hidden, model.manifest.taps], ['projected', TAPS])
      const found = await using(openImported(model), (forward) => pass(forward, text.tokens))
      const off = distance(found.hidden, expected(norm))
      assert.ok(off < most, `${format}: ${off}`)
    }
  })
}

test('a streamed target gives the bits of one in memory, for one sequence and for several', async () => {
  const model = await imported('w8a8', { epsilon: EPSILON, over: 'each' })
  const resident = await using(openImported(model), (forward) => pass(forward, text.tokens))
  for (const grouped of [false, true]) {
    const streamed = await using(openImportedStreamed(model, { residentLayers: 1 }, grouped), async (forward) => {
      await pass(forward, text.tokens.subarray(0, 5))
      return pass(forward, text.tokens)
    })
    assert.equal(streamed.hidden, resident.hidden)
    assert.equal(streamed.logits, resident.logits)
  }
})

test('logits have the bits of a target without a projection', async () => {
  const dir = `${root}/plain`
  const plain = { dir, manifest: await importModel(target, { format: 'w8a8', outDir: dir, hidden: true }) }
  const wide = { logits: new Float32Array(0) }
  await using(openImported(plain), async (forward) => {
    const n = text.tokens.length
    const rows = Int32Array.from({ length: n }, (_, i) => i)
    wide.logits = new Float32Array(n * vocab)
    const mask = Uint8Array.from({ length: n * n }, (_, i) => (i % n <= Math.floor(i / n) ? 1 : 0))
    const shared = { positions: rows, slots: rows, lanes: new Int32Array(n), liveSlots: n, logitRows: rows, mask }
    await forward.run({ tokens: text.tokens, ...shared }, { logits: wide.logits, hidden: new Float32Array(n * hidden) })
  })
  const model = await imported('w8a8', null)
  const found = await using(openImported(model), (forward) => pass(forward, text.tokens))
  assert.equal(found.logits, wide.logits)
})

test.run()
