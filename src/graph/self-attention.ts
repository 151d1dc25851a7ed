/**
 * The attention branch of a layer: K and V of the pass's rows are scattered into their cache slots, and attention reads
 * the caches back. Query heads come in the order (j, kv), `headOrder`: a plain view of q then stacks the heads of one
 * K/V group as rows.
 */
import type { GraphBuilder } from '../onnx/graph-builder.js'
import { MIDDLE, zeroPoint } from '../onnx/integers.js'
import type { IntegerType } from '../spec/manifest.js'
import { kvWidth, type AttentionSpec, type LayerSpec } from '../spec/model-spec.js'
import { exactAttention, floatAttention } from './attention.js'
import {
  linearOf,
  split,
  toFloat,
  toHalf,
  withBias,
  type LayerCaches,
  type LayerTensors,
  type ValueSteps,
} from './branch.js'
import { fusedAttention } from './fused-attention.js'
import { rmsNorm } from './norm.js'
import type { Pass } from './pass.js'
import { turned } from './rope.js'

/** `attended`: what `o` reads; `projected`: what it makes of it; `v` as the cache gets it. */
export function selfAttention(
  g: GraphBuilder,
  layer: LayerSpec,
  pass: Pass,
  tensors: LayerTensors,
  caches: LayerCaches,
  x: string,
): { attended: string; projected: string; v: string } {
  const { headDim, scale, cap, window } = layer.attention
  const { o } = tensors
  const int = (...values: number[]): string => g.constant('int64', values)
  const { q, k, v } = queriesKeysValues(g, layer, pass, tensors, x)
  if (pass.fused) {
    const attended = fusedAttention(g, layer.attention, pass, caches, { q, k, v })
    return { attended, projected: linearOf(g, attended, tensors, 'o', pass), v }
  }
  const isHalf = caches.kType === 'float16'
  g.ops('ScatterND', [caches.k, pass.cacheIndex, isHalf ? toHalf(g, k) : k], [caches.kOut])
  const { vSteps } = tensors
  const vRows = pass.exact ? roundedValues(g, v, pass.exact.integers, layer, vSteps) : v
  g.ops('ScatterND', [caches.v, pass.cacheIndex, vRows], [caches.vOut])
  const input = {
    ...stackQueries(g, layer.attention, pass, q),
    // A row reads its own K back as all others do, so that its bits are theirs.
    k: g.op('Reshape', [isHalf ? toFloat(g, caches.kOut) : caches.kOut, int(0, -1, headDim / partsIn(pass))]),
    parts: pass.exact?.parts ?? null,
    v: g.op('Reshape', [caches.vOut, int(0, -1, headDim)]),
    sees: pass.sees.get(window)!,
    headDim,
    scale,
    cap,
  }
  const step = pass.exact ? (o.kind.rounded?.step(o) ?? null) : null
  if (pass.exact && step !== null) {
    const { integers, ones, headMiddles, fine } = pass.exact
    const mixed = exactAttention(g, { ...input, integers, ones, middles: headMiddles, fine, step })
    const attended = unstack(g, layer.attention, pass, mixed)
    // Rounded to the step that `o` reads by.
    return { attended, projected: withBias(g, o.kind.rounded!.emit(g, attended, o), tensors, 'o'), v }
  }
  if (pass.exact && vSteps) {
    const { integers, ones, headMiddles, fine } = pass.exact
    const mixed = exactAttention(g, { ...input, integers, ones, middles: headMiddles, fine, step: null })
    const attended = g.op('Mul', [unstack(g, layer.attention, pass, mixed), vSteps.heads])
    return { attended, projected: linearOf(g, attended, tensors, 'o', pass), v }
  }
  const attended = unstack(g, layer.attention, pass, floatAttention(g, input, pass.live ?? ''))
  return { attended, projected: linearOf(g, attended, tensors, 'o', pass), v }
}

/** How many parts heads come in. */
const partsIn = ({ exact }: Pass): number => exact?.parts?.count ?? 1

/** v as the cache has it: in steps a channel where there are such, else as it comes. */
function roundedValues(
  g: GraphBuilder,
  v: string,
  integers: IntegerType,
  layer: LayerSpec,
  steps: ValueSteps | undefined,
): string {
  if (!steps) return g.op('QuantizeLinear', [v, g.constant('float32', [1], []), zeroPoint(g, integers)])
  const zeros = Array.from({ length: kvWidth(layer) }, () => (integers === 'uint8' ? MIDDLE : 0))
  return g.op('QuantizeLinear', [v, steps.cache, g.constant(integers, zeros)], { axis: -1 })
}

/** q [1, N, heads * d] and k [1, N, kv * d], normed and turned, and v. */
function queriesKeysValues(
  g: GraphBuilder,
  layer: LayerSpec,
  pass: Pass,
  tensors: LayerTensors,
  x: string,
): Record<'q' | 'k' | 'v', string> {
  const { heads, kvHeads, headDim, qkNorm, rope } = layer.attention
  const widths = [heads * headDim, kvWidth(layer)]
  const [qk, v] = split(g, linearOf(g, x, tensors, 'qkv', pass), [widths[0] + widths[1], widths[1]])
  if (qkNorm === null) {
    // RoPE treats every head alike: one operator for q and k together.
    const [q, k] = split(g, rope === null ? qk : turned(g, qk, rope, { heads: heads + kvHeads, headDim }, pass), widths)
    return { q, k, v }
  }
  const { q: qWeight, k: kWeight } = tensors.qkNorms!
  const [q, k] = split(g, qk, widths).map((part, i) => {
    const weight = i === 0 ? qWeight : kWeight
    const shaped = (value: string, ...dims: number[]): string => g.op('Reshape', [value, g.constant('int64', dims)])
    const norm = (value: string): string =>
      pass.fused?.half ? toHalf(g, rmsNorm(g, toFloat(g, value), weight, qkNorm)) : rmsNorm(g, value, weight, qkNorm)
    const normed =
      qkNorm.over === 'all'
        ? norm(part)
        : shaped(norm(shaped(part, 1, -1, widths[i] / headDim, headDim)), 1, -1, widths[i])
    return rope === null ? normed : turned(g, normed, rope, { heads: widths[i] / headDim, headDim }, pass)
  })
  return { q, k, v }
}

function stackQueries(
  g: GraphBuilder,
  { kvHeads, headDim }: AttentionSpec,
  pass: Pass,
  q: string,
): { q: string; stacked: boolean } {
  const parts = partsIn(pass)
  if (pass.groups === null) {
    const shape = g.constant('int64', [-1, kvHeads * parts, headDim / parts])
    return { q: g.op('Reshape', [q, shape]), stacked: false }
  }
  const grouped = g.op('Gather', [q, pass.groups.rows], { axis: 1 })
  const byHead = g.op('Transpose', [g.op('Reshape', [grouped, pass.groups.apart])], { perm: [0, 3, 1, 2, 4] })
  return { q: g.op('Reshape', [byHead, pass.groups.stacked]), stacked: true }
}

/** Heads side by side again: [1, N, heads * d], in the graph's order. */
function unstack(g: GraphBuilder, { heads, headDim }: AttentionSpec, pass: Pass, mixed: string): string {
  const flat = g.constant('int64', [1, -1, heads * headDim])
  if (pass.groups === null) return g.op('Reshape', [g.op('Transpose', [mixed], { perm: [1, 0, 2] }), flat])
  const byRow = g.op('Transpose', [g.op('Reshape', [mixed, pass.groups.together])], { perm: [0, 2, 3, 1, 4] })
  return g.op('Gather', [g.op('Reshape', [byRow, flat]), pass.groups.back], { axis: 1 })
}
