/**
 * The whole tree-capable graph of a model: tokens in, logits of the wanted rows and the updated caches out.
 * `docs/graph.md` has the contract.
 */
import { asWeights, type LinearKind, type LinearValues, type Region, type StoredLinear } from '../formats/linear.js'
import { embed, type StoredTable } from '../formats/table.js'
import { GraphBuilder, type WeightRef } from '../onnx/graph-builder.js'
import type { IntegerType } from '../spec/manifest.js'
import {
  kvWidth,
  ropeKey,
  ropesOf,
  windowsOf,
  type LinearRole,
  type ModelSpec,
  type NormPlace,
} from '../spec/model-spec.js'
import { head, scaled, type FeatureWeights } from './head.js'
import type { KeyType, LayerTensors, ValueSteps } from './branch.js'
import { emitLayer } from './layer.js'
import type { Stream } from './norm.js'
import { FUSED_OPSET, fusedPass, GROUP_DIMS } from './fused-attention.js'
import { passInputs, preparePass, type Pass, type Rotary } from './pass.js'
import { Taps, type StoredProjection } from './projection.js'

/** One layer in the weight file. */
export interface LayerWeights extends Record<LinearRole, StoredLinear> {
  /** float32 [hidden], for each norm that the layer has. */
  norms: Partial<Record<NormPlace, WeightRef>>
  qkNorms?: { q: WeightRef; k: WeightRef }
  /** float32 [outputs]. */
  biases: Partial<Record<LinearRole, WeightRef>>
  vSteps?: ValueSteps<WeightRef>
  /** Where its linear layers lie. */
  region: Region
}

export interface ModelWeights {
  /** [vocab, hidden]. */
  embedding: StoredTable
  layers: LayerWeights[]
  finalNorm: WeightRef
  /** What turns the output `hidden` into the rotated basis, where the stream is not in it. */
  features?: FeatureWeights
  /** [hidden, vocab]. */
  head: StoredLinear
  /** One for each of `ropesOf`. */
  rotary: readonly Rotary<WeightRef>[]
  /** The type that V is cached in; null: float32. */
  integers: IntegerType | null
  /** What the output `hidden` is, where that is not the input of the head. */
  projection?: StoredProjection
}

export interface GraphOptions {
  /**
   * Rows are those of several sequences, arranged by `group_rows` and `ungroup_rows`; else of one sequence (B = 1).
   */
  grouped: boolean
  /** Adds the output `hidden` [1, N, hidden], the input of the head; a projection's comes in any case. */
  hidden: boolean
  /**
   * Where V is cached as integers: rows at `FINE_FROM` and beyond have fine probabilities. The graph without is faster,
   * and gives all rows before the same bits.
   */
  long?: boolean
  /** How K is cached beside V in whole numbers; default float32. */
  kType?: KeyType
  /** Where V is cached as integers: all rows have fine probabilities, at any position. */
  allFine?: boolean
  /** For a device that holds the whole model: attention as one operator, caches lane by lane. */
  device?: { half: boolean }
}

/** Of every family's graphs: it stands in the bytes that import writes, so another name would make imports anew. */
const GRAPH_NAME = 'llama'

/** Writes the graph of one model; its weights stay where the references say. */
export function modelGraph(spec: ModelSpec, weights: ModelWeights, options: GraphOptions): Uint8Array {
  const { device } = options
  const g = new GraphBuilder(GRAPH_NAME, device && FUSED_OPSET)
  const tokens = g.input('input_ids', 'int64', [1, 'N'])
  const { integers } = weights
  const windows = windowsOf(spec)
  const declared = passInputs(g, options.grouped, windows, device && GROUP_DIMS)
  const logitRows = g.input('logit_rows', 'int64', ['m'])
  const inputs = { ...declared, rotary: rotaryOf(g, spec, weights) }
  const projected = (weights.projection?.linears ?? []).map(({ kind }) => kind)
  const kinds = [...weights.layers.flatMap(kindsOf), ...projected]
  const fine = options.allFine ? 'all' : options.long ? 'far' : undefined
  const pass: Pass = device
    ? fusedPass(g, inputs, { half: device.half, windows, kinds })
    : preparePass(g, spec.layers[0].attention, inputs, { integers, fine, windows, kinds })
  const taps = new Taps(g, weights.projection)
  let stream: Stream = { sum: scaled(g, embed(g, weights.embedding, tokens), spec.embedScale), branch: null }
  stream = taps.after(-1, stream)
  spec.layers.forEach((layer, i) => {
    const cacheDims = [...(device ? ['B', 'S'] : ['S', 'B']), kvWidth(layer)]
    const kType = device?.half ? 'float16' : (options.kType ?? 'float32')
    const vType = integers ?? kType
    const caches = {
      k: g.input(`k_cache.${i}`, kType, cacheDims),
      kType,
      v: g.input(`v_cache.${i}`, vType, cacheDims),
      kOut: `k_cache_out.${i}`,
      vOut: `v_cache_out.${i}`,
    }
    stream = taps.after(i, emitLayer(g, layer, pass, layerTensors(g, weights.layers[i]), caches, stream).stream)
    g.output(caches.kOut, kType, cacheDims)
    g.output(caches.vOut, vType, cacheDims)
  })
  taps.project(pass.shared)
  const hidden = options.hidden && !weights.projection
  head(g, spec, weights, stream, logitRows, { hidden, half: device?.half ?? false })
  return g.encode()
}

/** How the linear layers of a layer are multiplied. */
export function kindsOf({ qkv, o, gateUp, down }: Record<LinearRole, StoredLinear>): LinearKind[] {
  return [qkv, o, gateUp, down].map(({ kind }) => kind)
}

/** The tables of each rotary embedding as weights of the graph. */
export function rotaryOf(
  g: GraphBuilder,
  spec: Pick<ModelSpec, 'layers'>,
  { rotary }: Pick<ModelWeights, 'rotary'>,
): Map<string, Rotary> {
  const tables = ropesOf(spec).map((rope, i): [string, Rotary] => [
    ropeKey(rope),
    { cos: g.weight(rotary[i].cos), sin: g.weight(rotary[i].sin) },
  ])
  return new Map(tables)
}

/** A layer's tensors as weights of the graph, in the order that they are read. */
export function layerTensors(g: GraphBuilder, layer: Omit<LayerWeights, 'region'>): LayerTensors {
  const norms: LayerTensors['norms'] = {}
  const biases: LayerTensors['biases'] = {}
  const norm = (place: NormPlace): void => {
    const ref = layer.norms[place]
    if (ref) norms[place] = g.weight(ref)
  }
  const linear = (role: LinearRole): LinearValues => {
    const values = asWeights(g, layer[role])
    const bias = layer.biases[role]
    if (bias) biases[role] = g.weight(bias)
    return values
  }
  norm('attention')
  const qkv = linear('qkv')
  const qkNorms = layer.qkNorms && { q: g.weight(layer.qkNorms.q), k: g.weight(layer.qkNorms.k) }
  const o = linear('o')
  norm('afterAttention')
  norm('mlp')
  const [gateUp, down] = [linear('gateUp'), linear('down')]
  norm('afterMlp')
  const vSteps = layer.vSteps && { cache: g.weight(layer.vSteps.cache), heads: g.weight(layer.vSteps.heads) }
  return { qkv, o, gateUp, down, norms, qkNorms, biases, vSteps }
}
