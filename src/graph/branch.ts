/** What attention and MLP are built of: linear layers with their biases, and parting what lies side by side. */
import { linear, type LinearValues } from '../formats/linear.js'
import type { GraphBuilder } from '../onnx/graph-builder.js'
import { ELEMENT_TYPE } from '../onnx/proto.js'
import type { LinearRole, NormPlace } from '../spec/model-spec.js'
import type { Pass } from './pass.js'

/** Linear layers of one layer, by name. */
export interface LinearTensors extends Record<LinearRole, LinearValues> {
  /** float32 [outputs], for linear layers that have one. */
  biases: Partial<Record<LinearRole, string>>
}

/**
 * Tensors of one layer by name. `qkv`: q, k, v side by side; where V is cached as integers, v comes out in their steps.
 * `gateUp`: gate and up side by side.
 */
export interface LayerTensors extends LinearTensors {
  /** float32 [hidden], for each norm that the layer has. */
  norms: Partial<Record<NormPlace, string>>
  /** float32 [headDim], or [heads * headDim] and [kvHeads * headDim] for norms over all heads. */
  qkNorms?: { q: string; k: string }
  vSteps?: ValueSteps
}

/** Steps of V's channels where they are not part of the linear layers before and after attention. */
export interface ValueSteps<T = string> {
  /** float32 [kvHeads * headDim], as the cache has them. */
  cache: T
  /** float32 [heads * headDim], as heads read them. */
  heads: T
}

/** How K is cached. */
export type KeyType = 'float16' | 'float32'

export interface LayerCaches {
  /** [S, B, kv * d] of `kType`; where attention is one operator [B, S, kv * d]. */
  k: string
  kType: KeyType
  /** int8 or uint8, or float32 [S, B, kv * d]; where attention is one operator, as k. */
  v: string
  kOut: string
  vOut: string
}

/** A linear layer of x, its bias included; float16 where the pass has halves inside branches, else float32. */
export function linearOf(g: GraphBuilder, x: string, tensors: LinearTensors, role: LinearRole, pass: Pass): string {
  const isHalf = pass.fused?.half ?? false
  return withBias(g, linear(g, x, tensors[role], pass.shared, undefined, isHalf), tensors, role, isHalf)
}

export function withBias(
  g: GraphBuilder,
  x: string,
  { biases }: LinearTensors,
  role: LinearRole,
  isHalf = false,
): string {
  const bias = biases[role]
  if (bias === undefined) return x
  return g.op('Add', [x, isHalf ? toHalf(g, bias) : bias])
}

export function toHalf(g: GraphBuilder, x: string): string {
  return g.op('Cast', [x], { to: ELEMENT_TYPE.float16 })
}

export function toFloat(g: GraphBuilder, x: string, output?: string): string {
  return g.op('Cast', [x], { to: ELEMENT_TYPE.float32 }, output)
}

/** Parts of the last axis. */
export function split(g: GraphBuilder, x: string, sizes: readonly number[]): string[] {
  const outputs = sizes.map((_, i) => `split_${g.size}_${i}`)
  g.ops('Split', [x, g.constant('int64', sizes)], outputs, { axis: -1 })
  return outputs
}
