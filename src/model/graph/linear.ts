/**
 * Linear layers, y [1, n, out] = x [1, n, in] W. In fp32 one MatMul. In W8A8 the activations are rounded to u8 around 128,
 * by one static step or by a step per row, and the sums are exact integers: a row's result cannot depend on its neighbours.
 */
import type { GraphBuilder } from './graph-builder.js'

/** One linear layer's tensors by name. `step` is absent in fp32. */
export interface Linear {
  /** float32 or int8 [in, out]. */
  weight: string
  /** float32 [out]: step of each output column (W8A8). */
  scale?: string
  /** W8A8: the static activation step, or 'row' for max |x| of the row / 127. */
  step?: number | 'row'
}

const MIDDLE = 128
const LEVELS = 127

/** Rounds x to u8 steps around 128. */
function quantizeStatic(g: GraphBuilder, x: string, step: number): string {
  return g.op('QuantizeLinear', [x, g.constant('float32', [step], []), g.constant('uint8', [MIDDLE], [])])
}

/** x W for float32 x [.., in]; the result is called `output` where given. */
export function linear(g: GraphBuilder, x: string, layer: Linear, output?: string): string {
  if (layer.step === undefined) return g.op('MatMul', [x, layer.weight], {}, output)
  if (layer.step !== 'row') return integerProduct(g, quantizeStatic(g, x, layer.step), layer.step, layer, output)
  const largest = g.op('ReduceMax', [g.op('Abs', [x]), g.constant('int64', [-1])], { keepdims: 1 })
  // A row of zeros gives 0 / 0, which rounds to some integer and is multiplied by 0 in the end.
  const unit = quantizeStatic(g, g.op('Div', [x, largest]), 1 / LEVELS)
  return g.op('Mul', [integerProduct(g, unit, 1 / LEVELS, layer), largest], {}, output)
}

function integerProduct(g: GraphBuilder, x: string, step: number, layer: Linear, output?: string): string {
  const inputs = [x, layer.weight, g.constant('float32', [step], []), layer.scale ?? '', g.constant('uint8', [MIDDLE], [])]
  return g.op('MatMulIntegerToFloat', inputs, {}, output)
}
