/** The Llama family in GGUF's words: its configuration keys, and its tensor names against Hugging Face's. */
import { ModelError } from '../spec/errors.js'
import type { ModelSpec } from '../spec/model-spec.js'
import type { GgufHeader } from '../checkpoint/gguf/header.js'
import { plainSpec, type PlainShape } from './plain.js'

const TOP = new Map([
  ['token_embd.weight', 'model.embed_tokens.weight'],
  ['output_norm.weight', 'model.norm.weight'],
  ['output.weight', 'lm_head.weight'],
])

const LAYER = new Map([
  ['attn_norm', 'input_layernorm'],
  ['attn_q', 'self_attn.q_proj'],
  ['attn_k', 'self_attn.k_proj'],
  ['attn_v', 'self_attn.v_proj'],
  ['attn_output', 'self_attn.o_proj'],
  ['ffn_norm', 'post_attention_layernorm'],
  ['ffn_gate', 'mlp.gate_proj'],
  ['ffn_up', 'mlp.up_proj'],
  ['ffn_down', 'mlp.down_proj'],
])

/** Hugging Face's name of a GGUF tensor; undefined for one that a plain Llama does not have. */
export function checkpointName(name: string): string | undefined {
  const layer = /^blk\.(\d+)\.(\w+)\.weight$/.exec(name)
  if (!layer) return TOP.get(name)
  const part = LAYER.get(layer[2])
  return part && `model.layers.${layer[1]}.${part}.weight`
}

/**
 * Reads the configuration. Throws `ModelError` for another architecture, and for what a plain Llama does not have
 * (scaled or partial RoPE).
 */
export function llamaConfig({ metadata, tensors }: GgufHeader): ModelSpec {
  const refuse = (message: string): never => {
    throw new ModelError('model_invalid', metadata.path, `${metadata.path} ${message}`)
  }
  const architecture = metadata.string('general.architecture')
  if (architecture !== 'llama') refuse(`holds a model of architecture "${architecture}"; this reader knows "llama"`)
  const embedding = tensors.get('token_embd.weight')
  if (!embedding) return refuse('lacks tensor token_embd.weight; convert or download the file again')
  const heads = metadata.count('llama.attention.head_count')
  const layers = metadata.count('llama.block_count')
  if (layers > tensors.size)
    refuse(`states ${layers} layers and holds ${tensors.size} tensors, fewer than one a layer; download it again`)
  const hidden = metadata.count('llama.embedding_length')
  const shape: PlainShape = {
    vocab: embedding.shape[0],
    hidden,
    inner: metadata.count('llama.feed_forward_length'),
    layers,
    heads,
    kvHeads: metadata.count('llama.attention.head_count_kv', heads),
    headDim: metadata.count('llama.attention.key_length', hidden / heads),
    theta: metadata.number('llama.rope.freq_base', 10000),
    epsilon: metadata.number('llama.attention.layer_norm_rms_epsilon'),
    maxPositions: metadata.count('llama.context_length'),
    tied: !tensors.has('output.weight'),
  }
  const rotated = metadata.count('llama.rope.dimension_count', shape.headDim)
  if (rotated !== shape.headDim)
    refuse(`rotates ${rotated} of ${shape.headDim} values of a head; only whole heads are supported`)
  const scaling = metadata.string('llama.rope.scaling.type', 'none')
  if (scaling !== 'none' || tensors.has('rope_freqs.weight'))
    refuse(`scales its rotary embedding (${scaling === 'none' ? 'rope_freqs' : scaling}); only plain RoPE is supported`)
  return plainSpec(shape)
}
