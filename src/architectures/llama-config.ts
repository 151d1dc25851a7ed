/** `config.json` of a Hugging Face checkpoint as a `LlamaConfig`. */
import { ModelError } from '../spec/errors.js'
import type { LlamaConfig } from '../spec/manifest.js'
import { asRecord } from '../text/tokenizer-table.js'

/**
 * Defaults are those of the model class. Throws `ModelError` for another model class and for what a plain Llama does
 * not have.
 */
export function llamaConfig(path: string, json: Record<string, unknown>): LlamaConfig {
  const refuse = (message: string): never => {
    throw new ModelError('model_invalid', path, `${path} ${message}`)
  }
  const number = (key: string, fallback?: number): number => {
    const value = json[key] ?? fallback
    return typeof value === 'number' && value > 0
      ? value
      : refuse(`has ${JSON.stringify(value) ?? 'nothing'} as "${key}"; expected a number above 0`)
  }
  const count = (key: string, fallback?: number): number => {
    const value = number(key, fallback)
    return Number.isSafeInteger(value) ? value : refuse(`has ${value} as "${key}"; expected a whole number`)
  }
  if (json.model_type !== 'llama')
    refuse(`describes a model of type ${JSON.stringify(json.model_type)}; this reader knows "llama"`)
  if (json.quantization_config) refuse('describes quantized weights; this reader knows F32, F16 and BF16')
  if ((json.hidden_act ?? 'silu') !== 'silu')
    refuse(`has the activation ${JSON.stringify(json.hidden_act)}; only "silu" is supported`)
  for (const key of ['attention_bias', 'mlp_bias'])
    if (json[key] === true) refuse(`has "${key}"; only linear layers without biases are supported`)
  const scaling = asRecord(json.rope_scaling) ?? asRecord(json.rope_parameters)
  const rope = scaling?.rope_type ?? scaling?.type ?? 'default'
  if (rope !== 'default') refuse(`scales its rotary embedding (${JSON.stringify(rope)}); only plain RoPE is supported`)
  if ((json.partial_rotary_factor ?? 1) !== 1)
    refuse(
      `rotates a part of each head (${JSON.stringify(json.partial_rotary_factor)}); only whole heads are supported`,
    )
  const theta = json.rope_theta ?? asRecord(json.rope_parameters)?.rope_theta ?? 10000
  const [heads, hiddenSize] = [count('num_attention_heads'), count('hidden_size')]
  return {
    vocabSize: count('vocab_size'),
    hiddenSize,
    intermediateSize: count('intermediate_size'),
    layers: count('num_hidden_layers'),
    heads,
    kvHeads: count('num_key_value_heads', heads),
    headDim: count('head_dim', hiddenSize / heads),
    ropeTheta:
      typeof theta === 'number' && theta > 0
        ? theta
        : refuse(`has ${JSON.stringify(theta)} as "rope_theta"; expected a number above 0`),
    rmsNormEps: number('rms_norm_eps', 1e-6),
    maxPositions: count('max_position_embeddings', 2048),
    tiedEmbeddings: json.tie_word_embeddings === true,
  }
}
