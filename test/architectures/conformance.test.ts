// @process native
/**
 * What every family must keep, run over all that are registered and over toys that use each freedom a `LayerSpec`
 * gives: a configuration of it is read, fp32 logits are those of a plain reference, and in W8A8 a row's bits do not
 * depend on chunks, siblings and slots.
 */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { architectures, plainSpec } from '../../src/architectures/index.js'
import type { LayerSpec, ModelSpec } from '../../src/spec/model-spec.js'
import { decodeArranged, differingRows } from '../support/bits.js'
import { families } from '../support/families.js'
import { imported, openImported } from '../support/imported.js'
import { referenceLogits } from '../support/model-reference.js'
import { randomModel, randomShape, seeded } from '../support/random-llama.js'

const random = seeded(3)
const tokens = Array.from({ length: 24 }, () => Math.floor(random() * randomShape.vocab))
const plain = plainSpec(randomShape)

/** The plain model with each layer changed. */
function changed(change: (layer: LayerSpec, i: number) => LayerSpec, model: Partial<ModelSpec> = {}): ModelSpec {
  return { ...plain, ...model, layers: plain.layers.map(change) }
}

const norm = { epsilon: 1e-6 }
const toys: Record<string, ModelSpec> = {
  'norms before and after branches, tanh GELU, soft caps, scales': changed(
    (layer) => ({
      ...layer,
      norms: { attention: norm, afterAttention: norm, mlp: norm, afterMlp: norm },
      attention: { ...layer.attention, scale: 0.3, cap: 5, qkNorm: { ...norm, over: 'head' } },
      mlp: { ...layer.mlp, act: 'gelu-tanh' },
    }),
    { rotates: false, embedScale: 6.5, logitCap: 3 },
  ),
  'norms after branches alone, q and k normed over all heads': changed(
    (layer) => ({
      ...layer,
      norms: { attention: null, afterAttention: norm, mlp: null, afterMlp: norm },
      attention: { ...layer.attention, qkNorm: { ...norm, over: 'all' } },
    }),
    { rotates: false },
  ),
  'biases everywhere, scaled residuals and logits': changed(
    (layer) => ({ ...layer, biases: ['qkv', 'o', 'gateUp', 'down'], residualScale: 0.7 }),
    { logitScale: 0.25 },
  ),
  'rotary embeddings: partial, scaled, none, two of them': changed((layer, i) => ({
    ...layer,
    attention: {
      ...layer.attention,
      rope:
        i === 0
          ? { theta: 500, dims: 4, scaling: { kind: 'linear', factor: 4 } }
          : { theta: 10000, dims: 8, scaling: { kind: 'factors', factors: [1, 1.5, 2, 3], magnitude: 1.2 } },
    },
  })),
  'a layer without rotary embedding': changed((layer, i) => ({
    ...layer,
    attention: { ...layer.attention, rope: i === 0 ? null : layer.attention.rope },
  })),
}

const registered = Object.fromEntries(
  architectures.map((family) => {
    const example = families[family.name]
    if (!example) throw new Error(`add a configuration of ${family.name} to test/support/families.ts`)
    return [family.name, family.spec(example)]
  }),
)

for (const [name, spec] of Object.entries({ ...registered, ...toys })) {
  test(`fp32 logits equal a plain reference: ${name}`, async () => {
    const checkpoint = randomModel(spec)
    const reference = await referenceLogits(checkpoint, tokens)
    const model = await imported(checkpoint, 'fp32')
    for (const grouped of [false, true]) {
      const forward = await openImported(model, {}, grouped)
      const logits = await decodeArranged(forward, tokens, { chunk: () => 5, siblings: 1, permute: true })
      await forward.dispose()
      const { vocab } = spec
      const worst = logits.reduce(
        (most, x, i) => Math.max(most, Math.abs(x - reference[Math.floor(i / vocab)][i % vocab])),
        0,
      )
      assert.ok(worst < 2e-4, `largest difference ${worst}, grouped ${grouped}`)
    }
  })

  test(`W8A8 is near the reference, with the same bits in every arrangement: ${name}`, async () => {
    const checkpoint = randomModel(spec)
    const reference = await referenceLogits(checkpoint, tokens)
    const model = await imported(checkpoint, 'w8a8')
    const single = await openImported(model, { slots: 128 })
    const alone = await decodeArranged(single, tokens)
    const size = reference.flatMap((row) => [...row]).reduce((sum, x) => sum + x * x, 0)
    const error = alone.reduce((sum, x, i) => sum + (x - reference[Math.floor(i / spec.vocab)][i % spec.vocab]) ** 2, 0)
    assert.ok(error > 0 && error / size < 0.2 ** 2, `relative error ${Math.sqrt(error / size)}`)
    const tree = { permute: true, siblings: 3, chunk: (draw: () => number) => 1 + Math.floor(draw() * 5), seed: 5 }
    for (const arrangement of [{ chunk: () => 24 }, { permute: true, liveSlots: 128 }, tree]) {
      const other = await decodeArranged(single, tokens, arrangement)
      assert.equal(differingRows(alone, other, spec.vocab), [], JSON.stringify(arrangement))
    }
    // Of whole passes no logits are wanted.
    const last = await decodeArranged(single, tokens, { chunk: () => 5, from: 20 })
    assert.equal(differingRows(alone.slice(20 * spec.vocab), last, spec.vocab), [], 'the last rows alone')
    await single.dispose()
    const several = await openImported(model, { slots: 128, lanes: 2 }, true)
    const other = await decodeArranged(several, tokens, { lane: 1, ...tree })
    await several.dispose()
    assert.equal(differingRows(alone, other, spec.vocab), [], 'two lanes')
  })
}

test.run()
