/**
 * Gemma 2 and 3: four norms a layer, embeddings times sqrt(hidden), GELU, local layers that see a window. Gemma 2 has
 * soft caps; Gemma 3 has norms of q and k, and a rotary embedding of its own for local layers.
 */
import type { ModelSpec, Norm } from '../spec/model-spec.js'
import type { Architecture, TensorSpec } from './architecture.js'
import type { ConfigReader, FileKind, Key } from './config-reader.js'
import { namedTensors } from './names.js'
import { plainSpec, readPlainShape, requireDense, withAttention, withLayers, type PlainShape } from './plain.js'
import { readRope } from './read-rope.js'
import { readWindows } from './windows.js'

const USUAL = { headDim: 256, tied: true, epsilon: 1e-6 }
const LOCAL_THETA = 10000

/**
 * What both have. `largest`: layers of the family's largest model, whose scores are q k / sqrt(hidden / heads) where
 * those of the others are q k / sqrt(headDim).
 */
function gemmaSpec(read: ConfigReader, shape: PlainShape, largest: number): ModelSpec {
  requireDense(read, 'gelu_pytorch_tanh')
  const norm: Norm = { epsilon: shape.epsilon }
  const { hidden, heads, headDim, layers } = shape
  // GGUF files leave the scale to the architecture.
  const usual = layers === largest ? hidden / heads : headDim
  const scale =
    1 / Math.sqrt(read.number({ hf: 'query_pre_attn_scalar', gguf: null }, read.from === 'hf' ? 256 : usual))
  const spec = withLayers(plainSpec(shape), (layer) => ({
    ...withAttention(layer, { scale }),
    norms: { attention: norm, afterAttention: norm, mlp: norm, afterMlp: norm },
    mlp: { ...layer.mlp, act: 'gelu-tanh' },
  }))
  return { ...spec, embedScale: Math.fround(Math.sqrt(hidden)), rotates: false }
}

/** Safetensors have norm weights that 1 is added to; GGUF files have the sums. */
function gemmaTensors(spec: ModelSpec, from: FileKind): TensorSpec[] {
  const hf = {
    after_attention_norm: 'post_attention_layernorm',
    post_attention_layernorm: 'pre_feedforward_layernorm',
    after_mlp_norm: 'post_feedforward_layernorm',
  }
  const tensors = namedTensors(spec, from, hf)
  return from === 'gguf' ? tensors : tensors.map((one) => (one.shape.length === 1 ? { ...one, plus: 1 } : one))
}

export const gemma2: Architecture = {
  name: 'Gemma 2',
  huggingFace: ['gemma2'],
  gguf: 'gemma2',
  spec: (read) => {
    const shape = readPlainShape(read, { ...USUAL, maxPositions: 8192 })
    const { rope, maxPositions } = readRope(read, shape)
    const cap = read.number({ hf: 'attn_logit_softcapping', gguf: 'attn_logit_softcapping' }, 50)
    const logitCap = read.number({ hf: 'final_logit_softcapping', gguf: 'final_logit_softcapping' }, 30)
    const windows = readWindows(read, shape.layers, (layer) => layer % 2 === 0, 4096)
    const spec = gemmaSpec(read, { ...shape, maxPositions }, 46)
    return { ...withLayers(spec, (layer, i) => withAttention(layer, { rope, cap, window: windows[i] })), logitCap }
  },
  tensors: gemmaTensors,
  smaller: [{ name: 'hf.co/google/gemma-2-2b-it', vocab: 256000, weights: 2.6e9 }],
}

export const gemma3: Architecture = {
  name: 'Gemma 3',
  huggingFace: ['gemma3_text', 'gemma3'],
  gguf: 'gemma3',
  spec: (read) => {
    if (read.flag({ hf: 'use_bidirectional_attention', gguf: null }, false))
      read.refuse('lets every token see all others, which makes embeddings and no text; use a Gemma 3 that writes text')
    const wide = { vocab: 262_208, heads: 8, kvHeads: 4, maxPositions: 131_072 }
    const shape = {
      ...readPlainShape(read, { ...USUAL, ...wide }),
      theta: read.number(key('rope_theta|rope_parameters.full_attention.rope_theta', 'rope.freq_base'), 1e6),
    }
    const { rope, maxPositions } = readRope(read, shape, 'rope_parameters.full_attention')
    const local = key('rope_local_base_freq|rope_parameters.sliding_attention.rope_theta', 'rope.freq_base_swa')
    const localRope = { theta: read.number(local, LOCAL_THETA), dims: shape.headDim, scaling: null }
    const pattern = read.count(key('sliding_window_pattern|_sliding_window_pattern', null), 6)
    const windows = readWindows(read, shape.layers, (layer) => (layer + 1) % pattern !== 0, 4096)
    const cap = optional(read, 'attn_logit_softcapping')
    const spec = withLayers(gemmaSpec(read, { ...shape, maxPositions }, 62), (layer, i) =>
      withAttention(layer, {
        rope: windows[i] === null ? rope : localRope,
        qkNorm: { epsilon: shape.epsilon, over: 'head' },
        window: windows[i],
        cap,
      }),
    )
    return { ...spec, logitCap: optional(read, 'final_logit_softcapping') }
  },
  tensors: gemmaTensors,
  // A model with eyes: its language side alone is read.
  textName: (name) => {
    const text = name.replace(/^model\.language_model\./, 'model.').replace(/^language_model\./, '')
    return /^(model\.)?(vision_tower|multi_modal_projector)\./.test(text) ? null : text
  },
  smaller: [{ name: 'gemma3-270m', vocab: 262144, weights: 268e6 }],
}

const key = (hf: string, gguf: string | null): Key => ({ hf, gguf })

function optional(read: ConfigReader, name: string): number | null {
  return read.has(key(name, name)) ? read.number(key(name, name)) : null
}
