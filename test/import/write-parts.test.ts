/** Which tensors a layer, a table and rotary embeddings are written as, and in which order. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { plainSpec, withAttention, withLayers } from '../../src/architectures/index.js'
import { fp32 } from '../../src/formats/fp32.js'
import { readLayer } from '../../src/import/fold.js'
import { writeLayer, writeOnes, writeRotary } from '../../src/import/write-parts.js'
import type { LayerSpec, ModelSpec } from '../../src/spec/model-spec.js'
import { randomModel, randomShape } from '../support/random-llama.js'
import { weightRef } from '../support/recorded-graph.js'
import { TensorMemory } from '../support/tensor-memory.js'

const plain = plainSpec(randomShape)

async function written(change: (layer: LayerSpec) => LayerSpec, norm: ReturnType<typeof weightRef> | null = null) {
  const spec = withLayers(plain, change)
  const file = new TensorMemory()
  const layer = await readLayer(randomModel(spec), 0)
  const target = { file, integers: null, format: fp32, prefix: 'l0.', reads: {}, norm }
  return { file, layer, target, spec, stored: await writeLayer(spec.layers[0], layer, target) }
}

const same = (layer: LayerSpec): LayerSpec => layer

test('linear layers and norms are written in the order that they run', async () => {
  const { file } = await written(same)
  assert.equal([...file.added.keys()], ['l0.input_norm', 'l0.qkv', 'l0.o', 'l0.post_norm', 'l0.gate_up', 'l0.down'])
  assert.equal(file.added.get('l0.qkv')!.dims, [48, 48 + 2 * 16])
})

test('norms of q and k and biases follow the linear layer they belong to', async () => {
  const qkNorm = { epsilon: 1e-6, over: 'head' } as const
  const { file, stored } = await written((layer) => ({ ...withAttention(layer, { qkNorm }), biases: ['qkv'] }))
  assert.equal([...file.added.keys()].slice(1, 5), ['l0.qkv', 'l0.qkv.bias', 'l0.q_norm', 'l0.k_norm'])
  assert.equal(Object.keys(stored.biases), ['qkv'])
})

test('a norm that all layers share is referred to and not written again', async () => {
  const shared = weightRef('norm')
  const { file, stored } = await written(same, shared)
  assert.not(file.added.has('l0.input_norm'))
  assert.is(stored.norms.attention, shared)
  assert.is(stored.norms.mlp, shared)
})

test('steps of V are written as the cache has them, and once for each query head of a group', async () => {
  const { layer, target, spec } = await written(same)
  const vSteps = Float32Array.from({ length: 16 }, (_, i) => i + 1)
  const file = new TensorMemory()
  await writeLayer(spec.layers[0], { ...layer, vSteps }, { ...target, file })
  assert.equal(file.values('l0.v_steps'), [...vSteps])
  assert.equal(file.values('l0.head_steps'), [...vSteps, ...vSteps, ...vSteps])
})

test('each rotary embedding of a model has its tables, the first under the plain name', async () => {
  const file = new TensorMemory()
  const two: ModelSpec = withLayers(plain, (layer, i) =>
    withAttention(layer, { rope: { theta: i === 0 ? 500 : 10_000, dims: 8, scaling: null } }),
  )
  const { rotary } = await writeRotary(two, file)
  assert.equal([...file.added.keys()], ['rotary.cos', 'rotary.sin', 'rotary1.cos', 'rotary1.sin'])
  assert.equal(file.added.get('rotary1.sin')!.dims, [512, 4])
  assert.is(rotary.length, 2)
})

test('the norm that folded models share is ones', async () => {
  const file = new TensorMemory()
  await writeOnes(file, 3)
  assert.equal(file.values('norm'), [1, 1, 1])
})

test.run()
