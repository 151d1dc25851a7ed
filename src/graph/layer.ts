/**
 * One Llama layer of the tree-capable graph. Rows stay [1, N, ..] throughout; K and V of the pass's rows are scattered
 * into their cache slots, and attention reads the caches back. Query heads come in the order (j, kv): head j of every
 * K/V group, then the next j, so that a plain view of q stacks the heads of one group as rows (`headOrder` says which
 * checkpoint head stands where).
 */
import { kvWidth, type LayerSpec, type LinearRole, type Norm } from '../spec/model-spec.js'
import { exactAttention, floatAttention } from './attention.js'
import type { GraphBuilder } from '../onnx/graph-builder.js'
import { linear, type LinearValues } from '../formats/linear.js'
import { zeroPoint } from '../onnx/integers.js'
import type { Pass } from './pass.js'

/**
 * Tensors of one layer by name. `qkv`: q, k, v side by side; where V is cached as integers, v comes out in their steps.
 * `gateUp`: gate and up side by side.
 */
export interface LayerTensors extends Record<LinearRole, LinearValues> {
  /** float32 [hidden]. */
  inputNorm: string
  postNorm: string
}

/** The residual stream between layers: the sum so far and the last branch's output not yet added to it. */
export interface Stream {
  sum: string
  branch: string | null
}

export interface LayerCaches {
  /** float32 [S, B, kv * d]. */
  k: string
  /** int8 or uint8 (W8A8) or float32 [S, B, kv * d]. */
  v: string
  kOut: string
  vOut: string
}

/**
 * Adds what is pending to the stream and normalizes: x / rms(x) * weight, called `output` where given. Two operators:
 * the fused one (SkipSimplifiedLayerNormalization) takes twice as long on a CPU.
 */
export function addNorm(
  g: GraphBuilder,
  stream: Stream,
  weight: string,
  { epsilon }: Norm,
  output?: string,
): { stream: Stream; normed: string } {
  const sum = stream.branch === null ? stream.sum : g.op('Add', [stream.branch, stream.sum])
  const normed = g.op(
    'SimplifiedLayerNormalization',
    [sum, weight],
    { axis: -1, epsilon: { float: epsilon }, stash_type: 1 },
    output,
  )
  return { stream: { sum, branch: null }, normed }
}

/** Values inside a layer that calibration looks at: what each linear layer reads, and v as the cache gets it. */
export interface LayerTaps {
  qkv: string
  v: string
  o: string
  gateUp: string
  down: string
}

/** Adds one layer; returns the stream after it. */
export function llamaLayer(
  g: GraphBuilder,
  layer: LayerSpec,
  pass: Pass,
  tensors: LayerTensors,
  caches: LayerCaches,
  stream: Stream,
): { stream: Stream; taps: LayerTaps } {
  const before = addNorm(g, stream, tensors.inputNorm, layer.norms.attention!)
  const { attended, isRounded, v } = attention(g, layer, pass, tensors, caches, before.normed)
  const projected = isRounded
    ? tensors.o.kind.rounded!.emit(g, attended, tensors.o)
    : linear(g, attended, tensors.o, pass.shared)
  const middle = addNorm(g, { sum: before.stream.sum, branch: projected }, tensors.postNorm, layer.norms.mlp!)
  const gateUp = linear(g, middle.normed, tensors.gateUp, pass.shared)
  const [gate, up] = split(g, gateUp, [layer.mlp.inner, layer.mlp.inner])
  const active = g.op('Mul', [g.op('QuickGelu', [gate], { alpha: { float: 1 } }), up])
  const taps = { qkv: before.normed, v, o: attended, gateUp: middle.normed, down: active }
  return { stream: { sum: middle.stream.sum, branch: linear(g, active, tensors.down, pass.shared) }, taps }
}

function split(g: GraphBuilder, x: string, sizes: number[]): string[] {
  const outputs = sizes.map((_, i) => `split_${g.size}_${i}`)
  g.ops('Split', [x, g.constant('int64', sizes)], outputs, { axis: -1 })
  return outputs
}

/**
 * Attention's heads side by side, [1, N, heads * d], in the graph's head order: float32, or from a cache of integers
 * rounded to the step that `o` reads by.
 */
function attention(
  g: GraphBuilder,
  layer: LayerSpec,
  pass: Pass,
  { qkv, o }: LayerTensors,
  caches: LayerCaches,
  x: string,
): { attended: string; isRounded: boolean; v: string } {
  const { heads, kvHeads, headDim } = layer.attention
  const int = (...values: number[]): string => g.constant('int64', values)
  const [qk, v] = split(g, linear(g, x, qkv, pass.shared), [(heads + kvHeads) * headDim, kvWidth(layer)])
  // RoPE treats every head alike: one operator for q and k together.
  const [q, k] = split(g, g.op('RotaryEmbedding', [qk, pass.positions, pass.cos, pass.sin], { interleaved: 0 }), [
    heads * headDim,
    kvWidth(layer),
  ])
  g.ops('ScatterND', [caches.k, pass.cacheIndex, k], [caches.kOut])
  const vRows = pass.fill
    ? g.op('QuantizeLinear', [v, g.constant('float32', [1], []), zeroPoint(g, pass.fill.integers)])
    : v
  g.ops('ScatterND', [caches.v, pass.cacheIndex, vRows], [caches.vOut])
  const input = {
    ...stackQueries(g, layer, pass, q),
    k: g.op('Reshape', [caches.kOut, int(0, -1, headDim)]),
    v: g.op('Reshape', [caches.vOut, int(0, -1, headDim)]),
    sees: pass.sees,
    headDim,
  }
  const step = pass.fill ? (o.kind.rounded?.step(o) ?? null) : null
  const mixed =
    pass.fill && step !== null
      ? exactAttention(g, {
          ...input,
          integers: pass.fill.integers,
          ones: pass.fill.ones,
          middles: pass.fill.headMiddles,
          fine: pass.fill.fine,
          step,
        })
      : floatAttention(g, input, pass.live ?? '')
  return { attended: unstack(g, layer, pass, mixed), isRounded: step !== null, v }
}

function stackQueries(
  g: GraphBuilder,
  { attention }: LayerSpec,
  pass: Pass,
  q: string,
): { q: string; stacked: boolean } {
  const { kvHeads, headDim } = attention
  if (pass.groups === null)
    return { q: g.op('Reshape', [q, g.constant('int64', [-1, kvHeads, headDim])]), stacked: false }
  const grouped = g.op('Gather', [q, pass.groups.rows], { axis: 1 })
  const byHead = g.op('Transpose', [g.op('Reshape', [grouped, pass.groups.apart])], { perm: [0, 3, 1, 2, 4] })
  return { q: g.op('Reshape', [byHead, pass.groups.stacked]), stacked: true }
}

function unstack(g: GraphBuilder, { attention }: LayerSpec, pass: Pass, mixed: string): string {
  const flat = g.constant('int64', [1, -1, attention.heads * attention.headDim])
  if (pass.groups === null) return g.op('Reshape', [g.op('Transpose', [mixed], { perm: [1, 0, 2] }), flat])
  const byRow = g.op('Transpose', [g.op('Reshape', [mixed, pass.groups.together])], { perm: [0, 2, 3, 1, 4] })
  return g.op('Gather', [g.op('Reshape', [byRow, flat]), pass.groups.back], { axis: 1 })
}
