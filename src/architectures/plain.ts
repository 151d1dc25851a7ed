/**
 * The plain decoder that every family departs from: RMSNorm before attention and MLP, grouped heads, RoPE over whole
 * heads, a gated MLP with SiLU, no biases.
 */
import type { LayerSpec, ModelSpec } from '../spec/model-spec.js'
import type { ConfigReader, Key } from './config-reader.js'

export interface PlainShape {
  vocab: number
  hidden: number
  /** Width of the MLP. */
  inner: number
  layers: number
  heads: number
  kvHeads: number
  headDim: number
  /** Base of RoPE's frequencies. */
  theta: number
  /** Of every norm. */
  epsilon: number
  maxPositions: number
  tied: boolean
}

const key = (hf: string | null, gguf: string | null): Key => ({ hf, gguf })

/** What nearly every configuration states, under the keys that nearly every one has. Defaults are Llama's. */
export function readPlainShape(read: ConfigReader): PlainShape {
  const layers = read.count(key('num_hidden_layers', 'block_count'))
  if (layers > read.tensorCount)
    read.refuse(
      `states ${layers} layers and has ${read.tensorCount} tensors, fewer than one a layer; download it again`,
    )
  const heads = read.count(key('num_attention_heads', 'attention.head_count'))
  const hidden = read.count(key('hidden_size', 'embedding_length'))
  return {
    vocab: read.from === 'hf' ? read.count(key('vocab_size', null)) : embeddingRows(read),
    hidden,
    inner: read.count(key('intermediate_size', 'feed_forward_length')),
    layers,
    heads,
    kvHeads: read.count(key('num_key_value_heads', 'attention.head_count_kv'), heads),
    headDim: read.count(key('head_dim', 'attention.key_length'), hidden / heads),
    theta: read.number(key('rope_theta|rope_parameters.rope_theta', 'rope.freq_base'), 10000),
    epsilon: read.number(
      key('rms_norm_eps', 'attention.layer_norm_rms_epsilon'),
      read.from === 'hf' ? 1e-6 : undefined,
    ),
    maxPositions: read.count(key('max_position_embeddings', 'context_length'), read.from === 'hf' ? 2048 : undefined),
    tied:
      read.from === 'hf' ? read.flag(key('tie_word_embeddings', null), false) : read.shape('output.weight') === null,
  }
}

/** A GGUF file's vocabulary is as large as its embedding table. */
function embeddingRows(read: ConfigReader): number {
  const shape = read.shape('token_embd.weight')
  return shape === null ? read.refuse('lacks tensor token_embd.weight; convert or download the file again') : shape[0]
}

/** Refuses what a plain decoder does not have, by the keys that nearly every configuration has for it. */
export function requirePlain(read: ConfigReader, { headDim }: Pick<PlainShape, 'headDim'>): void {
  if (read.has(key('quantization_config', null)))
    read.refuse('describes quantized weights; this reader knows F32, F16 and BF16: use the unquantized checkpoint')
  const act = read.text(key('hidden_act', null), 'silu')
  if (act !== 'silu') read.refuse(`has the activation "${act}"; this family's is "silu"`)
  for (const name of ['attention_bias', 'mlp_bias'])
    if (read.flag(key(name, null), false)) read.refuse(`has "${name}"; only linear layers without biases are supported`)
  requirePlainRope(read, headDim)
}

function requirePlainRope(read: ConfigReader, headDim: number): void {
  const scaling = read.text(
    key('rope_scaling.rope_type|rope_scaling.type|rope_parameters.rope_type|rope_parameters.type', 'rope.scaling.type'),
    'none',
  )
  if (!['none', 'default'].includes(scaling))
    read.refuse(`scales its rotary embedding ("${scaling}"); only plain RoPE is supported`)
  if (read.shape('rope_freqs.weight') !== null)
    read.refuse('scales its rotary embedding (rope_freqs.weight); only plain RoPE is supported')
  const rotated =
    read.from === 'hf'
      ? headDim * read.number(key('partial_rotary_factor', null), 1)
      : read.count(key(null, 'rope.dimension_count'), headDim)
  if (rotated !== headDim)
    read.refuse(`rotates ${rotated} of ${headDim} values of a head; only whole heads are supported`)
}

export function plainSpec(shape: PlainShape): ModelSpec {
  const { vocab, hidden, epsilon, maxPositions, tied } = shape
  const layer = plainLayer(shape)
  return {
    vocab,
    hidden,
    maxPositions,
    tied,
    embedScale: 1,
    logitScale: 1,
    logitCap: null,
    finalNorm: { epsilon },
    rotates: true,
    layers: Array.from({ length: shape.layers }, () => layer),
  }
}

function plainLayer({ hidden, inner, heads, kvHeads, headDim, theta, epsilon }: PlainShape): LayerSpec {
  return {
    hidden,
    norms: { attention: { epsilon }, afterAttention: null, mlp: { epsilon }, afterMlp: null },
    attention: {
      heads,
      kvHeads,
      headDim,
      qkNorm: null,
      scale: 1 / Math.sqrt(headDim),
      cap: null,
      window: null,
      rope: { theta, dims: headDim, scaling: null },
    },
    mlp: { inner, act: 'silu' },
    biases: [],
    residualScale: 1,
  }
}
