/**
 * One layer of the tree-capable graph, as its `LayerSpec` says: the only place where layers are wired, for models,
 * streamed models, draft heads and calibration alike. Rows stay [1, N, ..] throughout.
 */
import type { GraphBuilder } from '../onnx/graph-builder.js'
import type { LayerSpec, LinearRole, NormPlace } from '../spec/model-spec.js'
import { toFloat, toHalf, type LayerCaches, type LayerTensors } from './branch.js'
import { mlp } from './mlp.js'
import { addNorm, rmsNorm, type PlacedNorm, type Stream } from './norm.js'
import type { Pass } from './pass.js'
import { selfAttention } from './self-attention.js'

/** Values inside a layer that calibration looks at: what each linear layer reads, and v as the cache gets it. */
export interface LayerTaps extends Record<LinearRole, string> {
  v: string
}

/**
 * Adds one layer; returns the stream after it. `read`: what q, k and v are made of, where that is not the stream as
 * the layer's norm leaves it.
 */
export function emitLayer(
  g: GraphBuilder,
  layer: LayerSpec,
  pass: Pass,
  tensors: LayerTensors,
  caches: LayerCaches,
  stream: Stream,
  read?: string,
): { stream: Stream; taps: LayerTaps } {
  const placed = (place: NormPlace): PlacedNorm | null => {
    const norm = layer.norms[place]
    return norm && { norm, weight: tensors.norms[place]! }
  }
  // The stream and its norms stay float32; what lies between them may be halves.
  const into = (x: string): string => (pass.fused?.half ? toHalf(g, x) : x)
  const outOf = (x: string): string => (pass.fused?.half ? toFloat(g, x) : x)
  const before = addNorm(g, stream, placed('attention'))
  const { projected, attended, v } = selfAttention(g, layer, pass, tensors, caches, into(read ?? before.normed))
  const middle = addNorm(
    g,
    { sum: before.stream.sum, branch: finished(g, layer, outOf(projected), placed('afterAttention')) },
    placed('mlp'),
  )
  const { active, out } = mlp(g, layer, pass, tensors, into(middle.normed))
  const taps = { qkv: read ?? before.normed, v, o: attended, gateUp: middle.normed, down: active }
  return { stream: { sum: middle.stream.sum, branch: finished(g, layer, outOf(out), placed('afterMlp')) }, taps }
}

/** What a branch adds to the stream: its output, normed and scaled where the layer says so. */
function finished(g: GraphBuilder, { residualScale }: LayerSpec, branch: string, after: PlacedNorm | null): string {
  const normed = after === null ? branch : rmsNorm(g, branch, after.weight, after.norm)
  return residualScale === 1 ? normed : g.op('Mul', [normed, g.constant('float32', [residualScale], [])])
}
