/**
 * Linear layers, y [1, n, out] = x [1, n, in] W. In fp32 one MatMul, in fp16 the same between two casts. In W8A8 the
 * activations are rounded to u8 around 128, by one static step or by a step per row, and the sums are exact integers: a
 * row's result cannot depend on its neighbours.
 */
import type { IntegerType } from '../spec/manifest.js'
import type { GraphBuilder } from '../onnx/graph-builder.js'
import { MIDDLE, zeroPoint } from '../onnx/integers.js'
import { ELEMENT_TYPE } from '../onnx/proto.js'

export { MIDDLE, zeroPoint }

/** A step that is known when the graph is written, or the name of a value that brings it. */
export type StaticStep = number | { value: string }

/** One linear layer's tensors by name. `step` is absent in fp32 and fp16. */
export interface Linear {
  /** float32, float16, int8 or uint8 [in, out]. */
  weight: string
  /** Whether it is float16. */
  isHalf?: boolean
  /** in. */
  inputs: number
  /** float32 [out]: step of each output column (W8A8). */
  scale?: string
  /**
   * W8A8: the static activation step (or the scalar float32 value that holds it), or 'row' for max |x| of the row /
   * 127.
   */
  step?: StaticStep | 'row'
  /** W8A8: the type of `weight`. */
  integers?: IntegerType
}

const LEVELS = 127

/** A static step as a scalar float32 value. */
export function stepValue(g: GraphBuilder, step: StaticStep): string {
  return typeof step === 'number' ? g.constant('float32', [step], []) : step.value
}

/**
 * x W for float32 x [1, n, in]; the result is called `output` where given. `middles`: uint8 [1, n, 1] of 128s, for
 * steps per row.
 */
export function linear(g: GraphBuilder, x: string, layer: Linear, middles?: string, output?: string): string {
  if (layer.isHalf)
    return g.op(
      'Cast',
      [g.op('MatMul', [g.op('Cast', [x], { to: ELEMENT_TYPE.float16 }), layer.weight])],
      { to: ELEMENT_TYPE.float32 },
      output,
    )
  if (layer.step === undefined) return g.op('MatMul', [x, layer.weight], {}, output)
  if (layer.step === 'row') return linearByRow(g, x, layer, middles ?? '', output)
  const rounded = g.op('QuantizeLinear', [x, stepValue(g, layer.step), g.constant('uint8', [MIDDLE], [])])
  return linearOfRounded(g, rounded, layer.step, layer, output)
}

/** x W for x already rounded to u8 steps around 128. */
export function linearOfRounded(g: GraphBuilder, x: string, step: StaticStep, layer: Linear, output?: string): string {
  const inputs = [
    x,
    layer.weight,
    stepValue(g, step),
    layer.scale ?? '',
    g.constant('uint8', [MIDDLE], []),
    zeroPoint(g, layer.integers ?? 'int8'),
  ]
  return g.op('MatMulIntegerToFloat', inputs, {}, output)
}

/** A row of zeros has step 0: 0 / 0 rounds to some integer, which the step then multiplies by 0. */
function linearByRow(g: GraphBuilder, x: string, layer: Linear, middles: string, output?: string): string {
  const bound = (reduce: string, factor: number): string =>
    g.op('Mul', [g.op(reduce, [x, g.constant('int64', [-1])], { keepdims: 1 }), g.constant('float32', [factor], [])])
  // Two reductions read x; Abs would write it once more.
  const step = g.op('Max', [bound('ReduceMax', 1 / LEVELS), bound('ReduceMin', -1 / LEVELS)])
  const rounded = g.op('QuantizeLinear', [x, step, middles], { axis: -1, block_size: layer.inputs })
  return g.op('Mul', [linearOfRounded(g, rounded, 1, layer), step], {}, output)
}
