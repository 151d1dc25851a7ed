/** A small configuration of each registered family, with whatever the family may have switched on. */
import { configReader } from '../../src/architectures/config-reader.js'
import type { ConfigReader } from '../../src/architectures/index.js'
import { Metadata } from '../../src/checkpoint/gguf/metadata.js'
import type { StoredTensor } from '../../src/checkpoint/stored-tensor.js'
import { VOCAB } from './tiny-llama.js'

const NO_TENSOR = {
  kind: { name: 'F32', values: 1, bytes: 4, decode: () => undefined },
  offset: 0,
  bytes: 4,
}

const FILES = {
  name: 'tiny',
  path: 'tiny',
  license: null,
  read: () => Promise.reject(new Error('a configuration alone has no tensors to read')),
  hash: () => Promise.resolve(''),
  close: () => Promise.resolve(),
}

/** `config.json` of a small model. */
export const tinyConfig = {
  vocab_size: VOCAB,
  hidden_size: 48,
  intermediate_size: 80,
  num_hidden_layers: 2,
  num_attention_heads: 6,
  num_key_value_heads: 2,
  head_dim: 8,
  rms_norm_eps: 1e-5,
  max_position_embeddings: 512,
}

/** By the family's name, under the keys that its published configurations have. */
export const families: Record<string, ConfigReader> = {
  Llama: reader({
    ...tinyConfig,
    model_type: 'llama',
    rope_theta: 100_000,
    rope_scaling: {
      rope_type: 'llama3',
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 16,
    },
    attention_bias: true,
    mlp_bias: true,
    tie_word_embeddings: true,
  }),
  Mistral: reader({ ...tinyConfig, model_type: 'mistral', head_dim: 16, sliding_window: 6 }),
  'Qwen 2': reader({
    ...tinyConfig,
    model_type: 'qwen2',
    rope_scaling: { type: 'yarn', factor: 4, original_max_position_embeddings: 16 },
    use_sliding_window: true,
    sliding_window: 5,
    max_window_layers: 1,
  }),
  'Qwen 3': reader({ ...tinyConfig, model_type: 'qwen3', head_dim: 16, attention_bias: true, sliding_window: null }),
  'Gemma 2': reader({
    ...tinyConfig,
    model_type: 'gemma2',
    hidden_activation: 'gelu_pytorch_tanh',
    query_pre_attn_scalar: 8,
    attn_logit_softcapping: 5,
    final_logit_softcapping: 3,
    sliding_window: 7,
  }),
  'Gemma 3': reader({
    model_type: 'gemma3',
    text_config: {
      ...tinyConfig,
      num_hidden_layers: 3,
      query_pre_attn_scalar: 8,
      sliding_window: 4,
      sliding_window_pattern: 3,
      rope_scaling: { rope_type: 'linear', factor: 8 },
    },
  }),
  'Phi-3': reader({
    ...tinyConfig,
    model_type: 'phi3',
    head_dim: 16,
    partial_rotary_factor: 0.75,
    original_max_position_embeddings: 16,
    sliding_window: 20,
    rope_scaling: { type: 'longrope', short_factor: [1, 1, 1, 1, 1, 1], long_factor: [1, 1.5, 2, 3, 4, 5] },
  }),
  SmolLM3: reader({
    ...tinyConfig,
    model_type: 'smollm3',
    no_rope_layers: [1, 0],
    use_sliding_window: false,
    sliding_window: 5,
  }),
  'Granite 3': reader({
    ...tinyConfig,
    model_type: 'granite',
    embedding_multiplier: 6,
    attention_multiplier: 0.2,
    residual_multiplier: 0.4,
    logits_scaling: 2.5,
  }),
  'OLMo 2': reader({ ...tinyConfig, model_type: 'olmo2', rope_theta: 500_000 }),
}

function stored(shapes: Record<string, number[]>): Map<string, StoredTensor> {
  return new Map(Object.entries(shapes).map(([name, shape]) => [name, { ...NO_TENSOR, name, shape }]))
}

/** As `config.json` with these values is read, beside a hundred tensors. */
export function reader(config: Record<string, unknown>): ConfigReader {
  const shapes = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`tensor ${i}`, [1]]))
  return configReader({ ...FILES, kind: 'hf', config, tensors: stored(shapes) })
}

/** As a GGUF file with this metadata and tensors of these shapes is read. */
export function ggufReaderOf(metadata: Record<string, unknown>, shapes: Record<string, number[]>): ConfigReader {
  return configReader({ ...FILES, kind: 'gguf', metadata: new Metadata('tiny', metadata), tensors: stored(shapes) })
}
