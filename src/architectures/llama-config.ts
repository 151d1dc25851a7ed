/** `config.json` of a Hugging Face checkpoint of the Llama family. */
import { ModelError } from '../spec/errors.js'
import type { ModelSpec } from '../spec/model-spec.js'
import { plainSpec } from './plain.js'
import { asRecord } from '../text/tokenizer-table.js'

/** No model has as many; a corrupt file may. */
const MOST_LAYERS = 1000

/**
 * Defaults are those of the model class. Throws `ModelError` for another model class and for what a plain Llama does
 * not have.
 */
export function llamaConfig(path: string, json: Record<string, unknown>): ModelSpec {
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
  const layers = count('num_hidden_layers')
  if (layers > MOST_LAYERS) refuse(`has ${layers} as "num_hidden_layers"; expected at most ${MOST_LAYERS}`)
  const [heads, hidden] = [count('num_attention_heads'), count('hidden_size')]
  return plainSpec({
    vocab: count('vocab_size'),
    hidden,
    inner: count('intermediate_size'),
    layers,
    heads,
    kvHeads: count('num_key_value_heads', heads),
    headDim: count('head_dim', hidden / heads),
    theta:
      typeof theta === 'number' && theta > 0
        ? theta
        : refuse(`has ${JSON.stringify(theta)} as "rope_theta"; expected a number above 0`),
    epsilon: number('rms_norm_eps', 1e-6),
    maxPositions: count('max_position_embeddings', 2048),
    tied: json.tie_word_embeddings === true,
  })
}
