/**
 * The whole tree-capable Llama graph: tokens in, logits of the wanted rows and the updated caches out.
 * `docs/graph.md` has the contract.
 */
import type { IntegerType } from '../spec/manifest.js'
import { kvWidth, type ModelSpec } from '../spec/model-spec.js'
import { GraphBuilder, type WeightRef } from '../onnx/graph-builder.js'
import { linear, type Linear } from '../formats/linear.js'
import { addNorm, llamaLayer, type LayerTensors, type Stream } from './layer.js'
import { passInputs, preparePass } from './pass.js'

/** A linear layer's weights as they lie in the weight file. */
export interface LinearWeights {
  weight: WeightRef
  scale?: WeightRef
  step?: number | 'row'
}

export interface LayerWeights {
  inputNorm: WeightRef
  qkv: LinearWeights
  o: LinearWeights
  postNorm: WeightRef
  gateUp: LinearWeights
  down: LinearWeights
  /** Where its linear layers lie; W8A8 and fp16. */
  region?: Region
}

/** Where tensors lie together in the weight file, on whole pages. */
export interface Region {
  offset: number
  bytes: number
  crc32: number
}

export interface LlamaWeights {
  /** [vocab, hidden] float32 or float16, or int8 with a float32 [vocab, 1] scale per row. */
  embedding: { rows: WeightRef; scale?: WeightRef; region?: Region }
  layers: LayerWeights[]
  finalNorm: WeightRef
  /** [hidden, vocab]. */
  head: LinearWeights
  /** float32 [positions, d / 2]. */
  cos: WeightRef
  sin: WeightRef
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
   * W8A8: serves rows at `FINE_FROM` and beyond as well; rows before get the same bits in either graph, sooner in the
   * one without.
   */
  long?: boolean
}

/** Writes the graph of one model; its weights stay where the references say. */
export function llamaGraph(spec: ModelSpec, weights: LlamaWeights, options: GraphOptions): Uint8Array {
  const g = new GraphBuilder('llama')
  const tokens = g.input('input_ids', 'int64', [1, 'N'])
  const integers = integerType(weights.head)
  const inputs = passInputs(g, options.grouped)
  const logitRows = g.input('logit_rows', 'int64', ['m'])
  const pass = preparePass(
    g,
    spec.layers[0].attention,
    { ...inputs, cos: g.weight(weights.cos), sin: g.weight(weights.sin) },
    { integers, long: options.long },
  )
  let stream: Stream = { sum: embed(g, weights, tokens), branch: null }
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

export function embed(g: GraphBuilder, weights: Pick<LlamaWeights, 'embedding'>, tokens: string): string {
  const rows = g.op('Gather', [g.weight(weights.embedding.rows), tokens], { axis: 0 })
  if (weights.embedding.rows.type === 'float16') return g.op('Cast', [rows], { to: 1 })
  if (weights.embedding.scale === undefined) return rows
  const scale = g.op('Gather', [g.weight(weights.embedding.scale), tokens], { axis: 0 })
  return g.op('Mul', [g.op('Cast', [rows], { to: 1 }), scale])
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
  linear(g, rows, linearTensors(g, weights.head), undefined, 'logits')
  g.output('logits', 'float32', ['m', spec.vocab])
}

/** W8A8: the type of a linear layer's weights; null in fp32 and fp16. */
export function integerType({ weight }: LinearWeights): IntegerType | null {
  return weight.type === 'int8' || weight.type === 'uint8' ? weight.type : null
}

export function linearTensors(g: GraphBuilder, weights: LinearWeights): Linear {
  const scale =
    weights.scale === undefined
      ? {}
      : { scale: g.weight(weights.scale), step: weights.step, integers: integerType(weights) ?? undefined }
  return {
    weight: g.weight(weights.weight),
    inputs: weights.weight.dims[0],
    isHalf: weights.weight.type === 'float16',
    ...scale,
  }
}

export function layerTensors(g: GraphBuilder, layer: LayerWeights): LayerTensors {
  return {
    inputNorm: g.weight(layer.inputNorm),
    qkv: linearTensors(g, layer.qkv),
    o: linearTensors(g, layer.o),
    postNorm: g.weight(layer.postNorm),
    gateUp: linearTensors(g, layer.gateUp),
    down: linearTensors(g, layer.down),
  }
}
