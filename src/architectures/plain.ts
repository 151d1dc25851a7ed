/**
 * The plain decoder that every family departs from: RMSNorm before attention and MLP, grouped heads, RoPE over whole
 * heads, a gated MLP with SiLU, no biases.
 */
import type { AttentionSpec, LayerSpec, LinearRole, ModelSpec } from '../spec/model-spec.js'
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

/**
 * What nearly every configuration states, under the keys that nearly every one has. `usual`: what the family has where
 * a `config.json` leaves it out, if that is not Llama's.
 */
export function readPlainShape(read: ConfigReader, usual: Partial<PlainShape> = {}): PlainShape {
  const { epsilon = 1e-6, maxPositions = 2048, tied = false, theta = 10000 } = usual
  const layers = read.count(key('num_hidden_layers', 'block_count'))
  if (layers > read.tensorCount)
    read.refuse(
      `states ${layers} layers and has ${read.tensorCount} tensors, fewer than one a layer; download it again`,
    )
  const ofFamily = <K extends keyof PlainShape>(name: K): PlainShape[K] | undefined =>
    read.from === 'hf' ? usual[name] : undefined
  const heads = read.count(key('num_attention_heads', 'attention.head_count'), ofFamily('heads'))
  const hidden = read.count(key('hidden_size', 'embedding_length'))
  return {
    vocab: read.from === 'hf' ? read.count(key('vocab_size', null), usual.vocab) : embeddingRows(read),
    hidden,
    inner: read.count(key('intermediate_size', 'feed_forward_length')),
    layers,
    heads,
    kvHeads: read.count(key('num_key_value_heads', 'attention.head_count_kv'), ofFamily('kvHeads') ?? heads),
    headDim: read.count(key('head_dim', 'attention.key_length'), ofFamily('headDim') ?? hidden / heads),
    theta: read.number(key('rope_theta|rope_parameters.rope_theta', 'rope.freq_base'), theta),
    epsilon: read.number(
      key('rms_norm_eps', 'attention.layer_norm_rms_epsilon'),
      read.from === 'hf' ? epsilon : undefined,
    ),
    maxPositions: read.count(
      key('max_position_embeddings', 'context_length'),
      read.from === 'hf' ? maxPositions : undefined,
    ),
    tied: read.from === 'hf' ? read.flag(key('tie_word_embeddings', null), tied) : read.shape('output.weight') === null,
  }
}

/** A GGUF file's vocabulary is as large as its embedding table. */
function embeddingRows(read: ConfigReader): number {
  const shape = read.shape('token_embd.weight')
  return shape === null ? read.refuse('lacks tensor token_embd.weight; convert or download the file again') : shape[0]
}

/** Refuses what no family here has, by the keys and tensors that tell of it. `act`: the activation's name. */
export function requireDense(read: ConfigReader, act = 'silu'): void {
  if (read.has(key('quantization_config', null)))
    read.refuse('describes quantized weights; this reader knows F32, F16 and BF16: use the unquantized checkpoint')
  const found = read.text(key('hidden_activation|hidden_act', null), act)
  if (found !== act) read.refuse(`has the activation "${found}"; this family's is "${act}"`)
  if (read.shape('blk.0.ffn_gate_inp.weight') !== null)
    read.refuse('chooses among experts (blk.0.ffn_gate_inp.weight); a dense model of the family would do')
}

/** The linear layers with biases, where the configuration or the file's tensors say that there are. */
export function readBiases(read: ConfigReader): LinearRole[] {
  const has = (name: string, tensor: string): boolean =>
    read.from === 'hf' ? read.flag(key(name, null), false) : read.shape(`blk.0.${tensor}.bias`) !== null
  const roles: [LinearRole, string, string][] = [
    ['qkv', 'attention_bias', 'attn_q'],
    ['o', 'attention_bias', 'attn_output'],
    ['gateUp', 'mlp_bias', 'ffn_gate'],
    ['down', 'mlp_bias', 'ffn_down'],
  ]
  return roles.filter(([, name, tensor]) => has(name, tensor)).map(([role]) => role)
}

/** A spec with each layer changed. */
export function withLayers(spec: ModelSpec, change: (layer: LayerSpec, i: number) => LayerSpec): ModelSpec {
  return { ...spec, layers: spec.layers.map(change) }
}

/** A layer with parts of its attention changed. */
export function withAttention(layer: LayerSpec, changes: Partial<AttentionSpec>): LayerSpec {
  return { ...layer, attention: { ...layer.attention, ...changes } }
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
