/** What attention and MLP are built of: linear layers with their biases, and parting what lies side by side. */
import { linear, type LinearValues } from '../formats/linear.js'
import type { GraphBuilder } from '../onnx/graph-builder.js'
import type { LinearRole } from '../spec/model-spec.js'
import type { Pass } from './pass.js'

/** Linear layers of one layer, by name. */
export interface LinearTensors extends Record<LinearRole, LinearValues> {
  /** float32 [outputs], for linear layers that have one. */
  biases: Partial<Record<LinearRole, string>>
}

/** A linear layer of float32 x, its bias included. */
export function linearOf(g: GraphBuilder, x: string, tensors: LinearTensors, role: LinearRole, pass: Pass): string {
  return withBias(g, linear(g, x, tensors[role], pass.shared), tensors, role)
}

export function withBias(g: GraphBuilder, x: string, { biases }: LinearTensors, role: LinearRole): string {
  const bias = biases[role]
  return bias === undefined ? x : g.op('Add', [x, bias])
}

/** Parts of the last axis. */
export function split(g: GraphBuilder, x: string, sizes: readonly number[]): string[] {
  const outputs = sizes.map((_, i) => `split_${g.size}_${i}`)
  g.ops('Split', [x, g.constant('int64', sizes)], outputs, { axis: -1 })
  return outputs
}
