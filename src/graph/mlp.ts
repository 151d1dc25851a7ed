/** The gated MLP: down(act(gate(x)) * up(x)). */
import type { GraphBuilder } from '../onnx/graph-builder.js'
import type { LayerSpec, MlpSpec } from '../spec/model-spec.js'
import { linearOf, split, type LinearTensors } from './branch.js'
import type { Pass } from './pass.js'

/** `active`: what `down` reads. */
export function mlp(
  g: GraphBuilder,
  { mlp: { inner, act } }: LayerSpec,
  pass: Pass,
  tensors: LinearTensors,
  x: string,
): { active: string; out: string } {
  const [gate, up] = split(g, linearOf(g, x, tensors, 'gateUp', pass), [inner, inner])
  const active = g.op('Mul', [ACTIVATIONS[act](g, gate), up])
  return { active, out: linearOf(g, active, tensors, 'down', pass) }
}

const ACTIVATIONS: Record<MlpSpec['act'], (g: GraphBuilder, x: string) => string> = {
  // x sigmoid(x)
  silu: (g, x) => g.op('QuickGelu', [x], { alpha: { float: 1 } }),
  'gelu-tanh': (g, x) => g.op('Gelu', [x], { approximate: 'tanh' }),
}
