// @process native
/** One layer over one text in fp32, as calibration sees it. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { plainSpec, withAttention, withLayers } from '../../src/architectures/index.js'
import { readLayer, type FusedLayer } from '../../src/import/fold.js'
import { LayerRunner, type LayerActivations } from '../../src/import/layer-runner.js'
import type { AttentionSpec } from '../../src/spec/model-spec.js'
import { randomModel, randomShape, seeded } from '../support/random-llama.js'

const HIDDEN = randomShape.hidden
const random = seeded(5)
/** Five rows of a residual stream. */
const stream = Float32Array.from({ length: 5 * HIDDEN }, () => random() - 0.5)

async function run(
  x: Float32Array,
  changes: Partial<AttentionSpec> = {},
): Promise<{ x: Float32Array; taps: LayerActivations; layer: FusedLayer }> {
  const spec = withLayers(plainSpec(randomShape), (layer) => withAttention(layer, changes))
  const [layerSpec] = spec.layers
  const layer = await readLayer(randomModel(spec), 0)
  const runner = new LayerRunner(16)
  try {
    return { ...(await runner.run(layerSpec, layer, x)), layer }
  } finally {
    await runner.close()
  }
}

const near = (found: ArrayLike<number>, expected: ArrayLike<number>): boolean =>
  found.length === expected.length && Array.from(found).every((value, i) => Math.abs(value - expected[i]) < 1e-4)

test('taps are what linear layers read, a row a token', async () => {
  const { taps, layer, x } = await run(stream)
  const widths = { qkv: 48, v: 16, o: 48, gateUp: 48, down: 80 }
  for (const [tap, width] of Object.entries(widths)) assert.is(taps[tap as keyof typeof widths].length, 5 * width, tap)
  const row = stream.subarray(0, HIDDEN)
  const rms = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / HIDDEN + randomShape.epsilon)
  assert.ok(
    near(
      taps.qkv.subarray(0, HIDDEN),
      row.map((value, i) => (value / rms) * layer.norms.attention![i]),
    ),
  )
  assert.is(x.length, stream.length)
})

test('a row sees itself and what comes before, and no more than its window', async () => {
  const whole = await run(stream)
  const first = await run(stream.subarray(0, 3 * HIDDEN))
  assert.ok(near(whole.x.subarray(0, 3 * HIDDEN), first.x))
  const narrow = await run(stream, { window: 2 })
  assert.ok(near(narrow.x.subarray(0, 2 * HIDDEN), whole.x.subarray(0, 2 * HIDDEN)))
  assert.not(near(narrow.x.subarray(2 * HIDDEN), whole.x.subarray(2 * HIDDEN)))
})

test('the first row attends to itself alone: what `o` reads of each head is its v', async () => {
  const { taps } = await run(stream)
  const v = taps.v.subarray(0, 16)
  // Heads come as (j, kv): each K/V head serves every second place.
  assert.ok(near(taps.o.subarray(0, 48), [...v, ...v, ...v]))
})

test.run()
