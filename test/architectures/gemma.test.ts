/** What sets Gemma 2 and 3 apart: scales, caps, local layers, and tensors of folders that leave 1 out of norms. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { gemma2, gemma3 } from '../../src/architectures/gemma.js'
import { ggufReaderOf, reader, tinyConfig } from '../support/families.js'

const config = { ...tinyConfig, num_hidden_layers: 4, hidden_activation: 'gelu_pytorch_tanh' }
const two = gemma2.spec(reader(config))
const three = gemma3.spec(reader({ ...config, sliding_window_pattern: 2, sliding_window: 6 }))

test('embeddings are scaled by the root of the width, and all four norms are there', () => {
  assert.is(two.embedScale, Math.fround(Math.sqrt(48)))
  const norm = { epsilon: 1e-5 }
  assert.equal(two.layers[0].norms, { attention: norm, afterAttention: norm, mlp: norm, afterMlp: norm })
  assert.is(two.rotates, false)
  assert.throws(() => gemma2.spec(reader({ ...config, hidden_activation: 'silu' })), /activation "silu"/)
})

test('Gemma 2 caps scores at 50 and logits at 30, and its even layers see 4,096 positions', () => {
  assert.is(two.logitCap, 30)
  assert.ok(two.layers.every(({ attention }) => attention.cap === 50))
  assert.equal(
    two.layers.map(({ attention }) => attention.window),
    [4096, null, 4096, null],
  )
})

test('Gemma 3 norms heads of q and k, has no caps, and its local layers turn by a base of their own', () => {
  assert.is(three.logitCap, null)
  assert.equal(
    three.layers.map(({ attention: { window, cap, rope } }) => [window, cap, rope?.theta]),
    [
      [6, null, 10_000],
      [null, null, 1e6],
      [6, null, 10_000],
      [null, null, 1e6],
    ],
  )
  assert.equal(three.layers[0].attention.qkNorm, { epsilon: 1e-5, over: 'head' })
})

test('scores are scaled by query_pre_attn_scalar, 256 where a folder leaves it out', () => {
  assert.is(two.layers[0].attention.scale, 1 / 16)
  const stated = gemma2.spec(reader({ ...config, query_pre_attn_scalar: 4 }))
  assert.is(stated.layers[0].attention.scale, 1 / 2)
})

test('a GGUF file says nothing of the scale: it is the head size, or the width a head in the largest model', () => {
  const scale = (layers: number): number => {
    const metadata = {
      'general.architecture': 'gemma2',
      'gemma2.block_count': layers,
      'gemma2.embedding_length': 48,
      'gemma2.feed_forward_length': 80,
      'gemma2.attention.head_count': 3,
      'gemma2.attention.key_length': 4,
      'gemma2.attention.layer_norm_rms_epsilon': 1e-6,
      'gemma2.context_length': 512,
    }
    const tensors = Object.fromEntries(Array.from({ length: 46 }, (_, i) => [`tensor ${i}`, [1]]))
    const read = ggufReaderOf(metadata, { 'token_embd.weight': [40, 48], ...tensors })
    return gemma2.spec(read).layers[0].attention.scale
  }
  assert.is(scale(2), 1 / 2)
  assert.is(scale(46), 1 / Math.sqrt(16))
})

test('1 is added to the norms of a folder, and to nothing of a GGUF file', () => {
  const added = (from: 'hf' | 'gguf'): string[] =>
    gemma3.tensors(three, from).flatMap(({ fileName, plus }) => (plus === 1 ? [fileName] : []))
  assert.equal(added('gguf'), [])
  const norms = added('hf')
  assert.is(norms.length, 1 + 4 * 6)
  assert.ok(norms.every((name) => name.endsWith('norm.weight')))
})

test('what sees is left out of a model with eyes, and the text side loses its prefix', () => {
  const { textName } = gemma3
  assert.is(textName!('language_model.model.norm.weight'), 'model.norm.weight')
  assert.is(textName!('model.language_model.norm.weight'), 'model.norm.weight')
  assert.is(textName!('vision_tower.layers.0.weight'), null)
  assert.is(textName!('model.multi_modal_projector.weight'), null)
})

test('a Gemma 3 that makes embeddings is refused', () => {
  assert.throws(() => gemma3.spec(reader({ ...config, use_bidirectional_attention: true })), /makes embeddings/)
})

test.run()
