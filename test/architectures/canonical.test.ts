/** Which tensors a spec asks for. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { canonicalTensors, layerTensors, namedTensors, plainSpec } from '../../src/architectures/index.js'
import type { LayerSpec } from '../../src/spec/model-spec.js'
import { randomShape } from '../support/random-llama.js'

const spec = plainSpec({ ...randomShape, layers: 1 })
const [layer] = spec.layers
const named = (layer: LayerSpec): Record<string, readonly number[]> =>
  Object.fromEntries(layerTensors(layer).map(({ name, shape }) => [name, shape]))

test('a tied model has no head of its own', () => {
  const names = (tied: boolean): string[] => canonicalTensors({ ...spec, tied }).map(({ name }) => name)
  assert.ok(names(false).includes('lm_head.weight'))
  assert.not.ok(names(true).includes('lm_head.weight'))
})

test('norms, biases and q/k norms are asked for where the layer has them', () => {
  const { hidden, attention } = layer
  assert.is(layerTensors(layer).length, 9)
  const changed = named({
    ...layer,
    norms: { attention: null, afterAttention: { epsilon: 1 }, mlp: null, afterMlp: { epsilon: 1 } },
    attention: { ...attention, qkNorm: { over: 'head', epsilon: 1 } },
    biases: ['qkv'],
  })
  assert.not.ok('input_layernorm.weight' in changed)
  assert.equal(changed['after_attention_norm.weight'], [hidden])
  assert.equal(changed['self_attn.q_norm.weight'], [attention.headDim])
  assert.equal(changed['self_attn.k_proj.bias'], [attention.kvHeads * attention.headDim])
  assert.not.ok('self_attn.o_proj.bias' in changed)
  const all = named({ ...layer, attention: { ...attention, qkNorm: { over: 'all', epsilon: 1 } } })
  assert.equal(all['self_attn.q_norm.weight'], [attention.heads * attention.headDim])
})

test('every canonical tensor has a name in either kind of file; a family renames what it calls otherwise', () => {
  const file = (from: 'hf' | 'gguf', table = {}): string[] =>
    namedTensors(spec, from, table).map(({ fileName }) => fileName)
  assert.equal(
    file('hf'),
    canonicalTensors(spec).map(({ name }) => name),
  )
  assert.ok(file('gguf').includes('blk.0.attn_output.weight') && file('gguf').includes('output.weight'))
  const renamed = file('hf', { post_attention_layernorm: 'pre_feedforward_layernorm' })
  assert.ok(renamed.includes('model.layers.0.pre_feedforward_layernorm.weight'))
})

test.run()
