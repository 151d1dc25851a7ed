/**
 * The graph of an EAGLE-3 head, after the contract of `docs/graph.md` with one more input, `features` [1, N, hidden]:
 * row i has the feature of the token before its own, g. On the first level the target made it of its layers; below, it
 * is the head's own output `hidden` of the level above.
 *
 * e = norm(embedding), h = norm(g); the first layer's q, k and v are made of [e, h], its residual begins with g.
 */
import { asWeights, linear, sharedByKind, type StoredLinear } from '../formats/linear.js'
import { embed, type StoredTable } from '../formats/table.js'
import { emitLayer } from '../graph/layer.js'
import { kindsOf, layerTensors, rotaryOf, type LayerWeights } from '../graph/model-graph.js'
import { addNorm, rmsNorm, type Stream } from '../graph/norm.js'
import { FUSED_OPSET } from '../graph/fused-attention.js'
import type { Rotary } from '../graph/pass.js'
import { GraphBuilder, type WeightRef } from '../onnx/graph-builder.js'
import type { ModelSpec } from '../spec/model-spec.js'
import { headCacheOutputs, headCaches, headPass, type DeviceGraphs } from './head-caches.js'
import { spread } from './spread.js'

export interface Eagle3Weights {
  /** [vocab, hidden]: embeddings over their rms; the norms' weights are part of the first layer's q, k and v. */
  embedding: StoredTable
  layers: readonly Omit<LayerWeights, 'region'>[]
  /** float32 [hidden], all ones. */
  ones: WeightRef
  /** float32 [hidden]: weights of the feature's norm, where the residual begins with the normed feature. */
  residualNorm: WeightRef | null
  /** float32 [hidden]. */
  finalNorm: WeightRef
  /** [hidden, reduced], or [hidden, vocab]. */
  head: StoredLinear
  /** int64 [1, reduced]: token of each column of the head; null where they are all tokens in order. */
  tokens: WeightRef | null
  rotary: readonly Rotary<WeightRef>[]
}

export interface Eagle3GraphOptions {
  /** Rows of several sequences, as in `modelGraph`. */
  grouped: boolean
  /** The tokens' embeddings come as the input `embedded` [1, N, hidden] in place of `input_ids`. */
  embedded?: boolean
  /** What is fed back is the head's input, in place of the last layer's output. */
  normOutput: boolean
  /** For a device that holds the head as a whole. */
  device?: DeviceGraphs
}

/** Writes the graph. Logits of tokens outside the reduced vocabulary are -Infinity. */
export function eagle3Graph(
  spec: ModelSpec,
  weights: Eagle3Weights,
  { grouped, embedded = false, normOutput, device }: Eagle3GraphOptions,
): Uint8Array {
  const g = new GraphBuilder('draft', device && FUSED_OPSET)
  const { hidden, vocab, finalNorm: norm, layers } = spec
  const rows = embedded
    ? g.input('embedded', 'float32', [1, 'N', hidden])
    : embed(g, weights.embedding, g.input('input_ids', 'int64', [1, 'N']))
  const features = g.input('features', 'float32', [1, 'N', hidden])
  const rotary = (): Map<string, Rotary> => rotaryOf(g, spec, weights)
  const kinds = weights.layers.flatMap(kindsOf)
  const { pass, logitRows } = headPass(g, { grouped, layer: layers[0], rotary, kinds, device })
  const normed = rmsNorm(g, features, g.weight(weights.ones), norm)
  const joined = g.op('Concat', [rows, normed], { axis: -1 })
  const { residualNorm } = weights
  const residual = residualNorm ? g.op('Mul', [normed, g.weight(residualNorm)]) : features
  let stream: Stream = { sum: residual, branch: null }
  layers.forEach((layer, i) => {
    const caches = headCaches(g, layer, i, device)
    const tensors = layerTensors(g, weights.layers[i])
    stream = emitLayer(g, layer, pass, tensors, caches, stream, i === 0 ? joined : undefined).stream
    headCacheOutputs(g, caches, layer, device)
  })
  const finalNorm = { norm, weight: g.weight(weights.finalNorm) }
  // Passes that want no logits would leave no row to round: one row more is always computed, and left out at the end.
  const [zero, one] = [g.constant('int64', [0]), g.constant('int64', [1])]
  const headRows = g.op('Concat', [logitRows, zero], { axis: 0 })
  const pick = (x: string): string => g.op('Gather', [x, headRows], { axis: 1 })
  let wanted: string
  if (normOutput) wanted = pick(addNorm(g, stream, finalNorm, 'hidden').normed)
  else {
    const sum = g.op('Add', [stream.branch!, stream.sum], {}, 'hidden')
    wanted = rmsNorm(g, pick(sum), finalNorm.weight, norm)
  }
  g.output('hidden', 'float32', [1, 'N', hidden])
  const shared = sharedByKind(g, [weights.head.kind], g.op('Unsqueeze', [headRows, zero]))
  const scores = g.op('Squeeze', [linear(g, wanted, asWeights(g, weights.head), shared), zero])
  const { tokens } = weights
  const asked = [scores, zero, g.op('Shape', [logitRows]), zero, one]
  const flat = g.op('Slice', asked, {}, tokens === null ? 'logits' : undefined)
  if (tokens !== null) spread(g, flat, logitRows, g.weight(tokens), vocab)
  g.output('logits', 'float32', ['m', vocab])
  return g.encode()
}
