/**
 * The whole tree-capable Llama graph: tokens in, logits of the wanted rows and the updated caches out.
 * `docs/graph.md` has the contract.
 */
import type { IntegerType } from '../spec/manifest.js'
import { kvWidth, type LinearRole, type ModelSpec } from '../spec/model-spec.js'
import { GraphBuilder, type WeightRef } from '../onnx/graph-builder.js'
import { asWeights, linear, type LinearKind, type Region, type StoredLinear } from '../formats/linear.js'
import { embed, type StoredTable } from '../formats/table.js'
import { addNorm, llamaLayer, type LayerTensors, type Stream } from './layer.js'
import { passInputs, preparePass } from './pass.js'

/** One layer in the weight file. */
export interface LayerWeights extends Record<LinearRole, StoredLinear> {
  inputNorm: WeightRef
  postNorm: WeightRef
  /** Where its linear layers lie. */
  region: Region
}

export interface LlamaWeights {
  /** [vocab, hidden]. */
  embedding: StoredTable
  layers: LayerWeights[]
  finalNorm: WeightRef
  /** [hidden, vocab]. */
  head: StoredLinear
  /** float32 [positions, d / 2]. */
  cos: WeightRef
  sin: WeightRef
  /** The type that V is cached in; null: float32. */
  integers: IntegerType | null
}

export interface GraphOptions {
  /**
   * Rows of several sequences, arranged by `group_rows` and `ungroup_rows`; else all rows belong to one sequence (B =
   * 1).
   */
  grouped: boolean
  /** Adds the output `hidden` [1, N, hidden], the input of the head. */
  hidden: boolean
  /**
   * Where V is cached as integers: serves rows at `FINE_FROM` and beyond as well; rows before get the same bits in either graph, sooner in the
   * one without.
   */
  long?: boolean
}

/** Writes the graph of one model; its weights stay where the references say. */
export function llamaGraph(spec: ModelSpec, weights: LlamaWeights, options: GraphOptions): Uint8Array {
  const g = new GraphBuilder('llama')
  const tokens = g.input('input_ids', 'int64', [1, 'N'])
  const { integers } = weights
  const inputs = passInputs(g, options.grouped)
  const logitRows = g.input('logit_rows', 'int64', ['m'])
  const pass = preparePass(
    g,
    spec.layers[0].attention,
    { ...inputs, cos: g.weight(weights.cos), sin: g.weight(weights.sin) },
    { integers, long: options.long, kinds: weights.layers.flatMap(kindsOf) },
  )
  let stream: Stream = { sum: embed(g, weights.embedding, tokens), branch: null }
  spec.layers.forEach((layer, i) => {
    const cacheDims = ['S', 'B', kvWidth(layer)]
    const vType = integers ?? 'float32'
    const caches = {
      k: g.input(`k_cache.${i}`, 'float32', cacheDims),
      v: g.input(`v_cache.${i}`, vType, cacheDims),
      kOut: `k_cache_out.${i}`,
      vOut: `v_cache_out.${i}`,
    }
    stream = llamaLayer(g, layer, pass, layerTensors(g, weights.layers[i]), caches, stream).stream
    g.output(caches.kOut, 'float32', cacheDims)
    g.output(caches.vOut, vType, cacheDims)
  })
  head(g, spec, weights, stream, logitRows, options.hidden)
  return g.encode()
}

/** The last rows of the graph; rows are picked before the norm, so the head works for wanted rows alone. */
export function head(
  g: GraphBuilder,
  spec: ModelSpec,
  weights: Pick<LlamaWeights, 'finalNorm' | 'head'>,
  stream: Stream,
  logitRows: string,
  hidden: boolean,
): void {
  const norm = g.weight(weights.finalNorm)
  const pick = (x: string): string => g.op('Gather', [x, logitRows], { axis: 1 })
  let wanted: string
  if (hidden) {
    wanted = pick(addNorm(g, stream, norm, spec.finalNorm, 'hidden').normed)
    g.output('hidden', 'float32', [1, 'N', spec.hidden])
  } else {
    const picked = { sum: pick(stream.sum), branch: stream.branch === null ? null : pick(stream.branch) }
    wanted = addNorm(g, picked, norm, spec.finalNorm).normed
  }
  const rows = g.op('Squeeze', [wanted, g.constant('int64', [0])])
  linear(g, rows, asWeights(g, weights.head), undefined, 'logits')
  g.output('logits', 'float32', ['m', spec.vocab])
}

/** How the linear layers of a layer are multiplied. */
export function kindsOf({ qkv, o, gateUp, down }: Record<LinearRole, StoredLinear>): LinearKind[] {
  return [qkv, o, gateUp, down].map(({ kind }) => kind)
}

export function layerTensors(g: GraphBuilder, layer: Omit<LayerWeights, 'region'>): LayerTensors {
  return {
    inputNorm: g.weight(layer.inputNorm),
    qkv: asWeights(g, layer.qkv),
    o: asWeights(g, layer.o),
    postNorm: g.weight(layer.postNorm),
    gateUp: asWeights(g, layer.gateUp),
    down: asWeights(g, layer.down),
  }
}
