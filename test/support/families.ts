/** A small configuration of each registered family, with whatever the family may have switched on. */
import { configReader } from '../../src/architectures/config-reader.js'
import type { ConfigReader } from '../../src/architectures/index.js'
import { VOCAB } from './tiny-llama.js'

const NO_TENSOR = {
  shape: [1],
  kind: { name: 'F32', values: 1, bytes: 4, decode: () => undefined },
  offset: 0,
  bytes: 4,
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

/** By the family's name. */
export const families: Record<string, ConfigReader> = {
  Llama: reader({ ...tinyConfig, model_type: 'llama', rope_theta: 100_000, tie_word_embeddings: true }),
}

/** As `config.json` with these values is read. */
export function reader(config: Record<string, unknown>): ConfigReader {
  return configReader({
    kind: 'hf',
    name: 'tiny',
    path: 'tiny',
    license: null,
    config,
    tensors: new Map(Array.from({ length: 100 }, (_, i) => [`tensor ${i}`, { ...NO_TENSOR, name: `tensor ${i}` }])),
    read: () => Promise.reject(new Error('a configuration alone has no tensors to read')),
    hash: () => Promise.resolve(''),
    close: () => Promise.resolve(),
  })
}
