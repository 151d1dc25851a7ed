/** What nearly every configuration states, and what no family here has. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  plainSpec,
  readBiases,
  readPlainShape,
  requireDense,
  withAttention,
  withLayers,
} from '../../src/architectures/plain.js'
import { ModelError } from '../../src/spec/errors.js'
import { ggufReaderOf, reader, tinyConfig } from '../support/families.js'
import { randomShape } from '../support/random-llama.js'

const { head_dim: _, num_key_value_heads: __, ...short } = tinyConfig
const metadata = {
  'general.architecture': 'toy',
  'toy.block_count': 2,
  'toy.embedding_length': 48,
  'toy.feed_forward_length': 80,
  'toy.attention.head_count': 6,
  'toy.attention.layer_norm_rms_epsilon': 1e-5,
  'toy.context_length': 512,
}
const table = { 'token_embd.weight': [40, 48], 'blk.0.attn_q.weight': [48, 48] }

test('a configuration that leaves out K/V heads and their size has as many as heads, which share the width', () => {
  const { kvHeads, headDim } = readPlainShape(reader(short))
  assert.equal([kvHeads, headDim], [6, 8])
})

test("what is usual for a family stands in for a folder's missing values alone", () => {
  const usual = { kvHeads: 3, headDim: 16, tied: true, vocab: 9 }
  const { kvHeads, headDim, tied, vocab } = readPlainShape(reader(short), usual)
  assert.equal([kvHeads, headDim, tied, vocab], [3, 16, true, tinyConfig.vocab_size])
  const gguf = readPlainShape(ggufReaderOf(metadata, table), usual)
  assert.equal([gguf.kvHeads, gguf.headDim], [6, 8])
})

test('a GGUF file has the vocabulary of its table, and a head of its own where it has that tensor', () => {
  const { vocab, tied } = readPlainShape(ggufReaderOf(metadata, table))
  assert.equal([vocab, tied], [40, true])
  assert.is(readPlainShape(ggufReaderOf(metadata, { ...table, 'output.weight': [40, 48] })).tied, false)
  assert.throws(() => readPlainShape(ggufReaderOf(metadata, { a: [1], b: [1] })), /lacks tensor token_embd\.weight/)
})

test('more layers than tensors is a file cut short', () => {
  const config = reader({ ...tinyConfig, num_hidden_layers: 101 })
  assert.throws(
    () => readPlainShape(config),
    (error: unknown) => error instanceof ModelError && /101 layers and has 100 tensors/.test(error.message),
  )
})

test('quantized folders, another activation and experts are refused', () => {
  requireDense(reader({ hidden_act: 'silu' }))
  requireDense(reader({ hidden_act: 'relu', hidden_activation: 'gelu' }), 'gelu')
  assert.throws(() => requireDense(reader({ hidden_act: 'relu' })), /"relu"; this family's is "silu"/)
  assert.throws(() => requireDense(reader({ quantization_config: {} })), /quantized weights/)
  const experts = ggufReaderOf(metadata, { 'blk.0.ffn_gate_inp.weight': [8, 48] })
  assert.throws(() => requireDense(experts), /chooses among experts/)
})

test('biases are stated in folders, and are tensors in GGUF files', () => {
  assert.equal(readBiases(reader({})), [])
  assert.equal(readBiases(reader({ attention_bias: true })), ['qkv', 'o'])
  assert.equal(readBiases(reader({ mlp_bias: true })), ['gateUp', 'down'])
  const gguf = ggufReaderOf(metadata, { 'blk.0.attn_q.bias': [48], 'blk.0.ffn_down.bias': [48] })
  assert.equal(readBiases(gguf), ['qkv', 'down'])
})

test('layers are changed one by one, and attention keeps what is not named', () => {
  const spec = plainSpec(randomShape)
  const changed = withLayers(spec, (layer, i) => (i === 1 ? withAttention(layer, { window: 4 }) : layer))
  assert.equal(
    changed.layers.map(({ attention }) => attention.window),
    [null, 4],
  )
  assert.is(changed.layers[1].attention.heads, randomShape.heads)
  assert.is(spec.layers[1].attention.window, null)
})

test.run()
