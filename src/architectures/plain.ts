/**
 * The plain decoder that every family departs from: RMSNorm before attention and MLP, grouped heads, RoPE over whole
 * heads, a gated MLP with SiLU, no biases.
 */
import type { LayerSpec, ModelSpec } from '../spec/model-spec.js'

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
