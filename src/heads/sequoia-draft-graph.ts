/**
 * The feature drafter's graph, after the contract of `docs/graph.md` with one more input, `features` float32 [1, N,
 * hidden]: row i has the feature of the token before its own. On the first level that is the target's output `hidden`,
 * below it the draft's own output `hidden` of the level above.
 *
 * Weights are integers and activations are rounded, but caches and attention are float: a draft decides what is
 * guessed, never what is said, so its bits may depend on how it is batched.
 */
import type { ModelSpec } from '../spec/model-spec.js'
import { GraphBuilder, type WeightRef } from '../onnx/graph-builder.js'
import { asWeights, linear, type StoredLinear } from '../formats/linear.js'
import { embed, type StoredTable } from '../formats/table.js'
import { emitLayer } from '../graph/layer.js'
import { addNorm } from '../graph/norm.js'
import { kindsOf, layerTensors, rotaryOf, type LayerWeights } from '../graph/model-graph.js'
import { FUSED_OPSET } from '../graph/fused-attention.js'
import type { Rotary } from '../graph/pass.js'
import { headCacheOutputs, headCaches, headPass, type DeviceGraphs } from './head-caches.js'
import { spread } from './spread.js'

export interface DraftWeights {
  /** [vocab, hidden]: the target's embeddings over their rms. */
  embedding: StoredTable
  /** [2 * hidden, hidden]. */
  fc: StoredLinear
  layer: Omit<LayerWeights, 'region'>
  /** float32 [hidden], all ones. */
  finalNorm: WeightRef
  /** [hidden, reduced]. */
  head: StoredLinear
  /** int64 [1, reduced]: token of each column of the head. */
  tokens: WeightRef
  rotary: readonly Rotary<WeightRef>[]
}

export interface DraftGraphOptions {
  /** Rows of several sequences, as in `modelGraph`. */
  grouped: boolean
  /**
   * The tokens' embeddings come as the input `embedded` [1, N, hidden] in place of `input_ids`: their table is
   * elsewhere.
   */
  embedded?: boolean
  /** For a device that holds the head as a whole. */
  device?: DeviceGraphs
}

/** Writes the graph. Logits of tokens outside the reduced vocabulary are -Infinity. */
export function draftGraph(
  spec: ModelSpec,
  weights: DraftWeights,
  { grouped, embedded = false, device }: DraftGraphOptions,
): Uint8Array {
  const g = new GraphBuilder('draft', device && FUSED_OPSET)
  const { hidden, vocab, finalNorm, layers } = spec
  const [layer] = layers
  const rows = embedded
    ? g.input('embedded', 'float32', [1, 'N', hidden])
    : embed(g, weights.embedding, g.input('input_ids', 'int64', [1, 'N']))
  const features = g.input('features', 'float32', [1, 'N', hidden])
  const rotary = (): Map<string, Rotary> => rotaryOf(g, spec, weights)
  const { pass, logitRows } = headPass(g, { grouped, layer, rotary, kinds: kindsOf(weights.layer), device })
  const caches = headCaches(g, layer, 0, device)
  const joined = linear(g, g.op('Concat', [rows, features], { axis: -1 }), asWeights(g, weights.fc))
  const { stream } = emitLayer(g, layer, pass, layerTensors(g, weights.layer), caches, { sum: joined, branch: null })
  headCacheOutputs(g, caches, layer, device)
  const { normed } = addNorm(g, stream, { norm: finalNorm, weight: g.weight(weights.finalNorm) }, 'hidden')
  g.output('hidden', 'float32', [1, 'N', hidden])
  const wanted = g.op('Squeeze', [g.op('Gather', [normed, logitRows], { axis: 1 }), g.constant('int64', [0])])
  spread(g, linear(g, wanted, asWeights(g, weights.head)), logitRows, g.weight(weights.tokens), vocab)
  g.output('logits', 'float32', ['m', vocab])
  return g.encode()
}
