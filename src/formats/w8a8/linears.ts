/**
 * Linear layers of integers. Weights are rounded to 127 steps either way, one step a column; activations to u8 around
 * 128, by one static step where it is known what is read, else by a step a row. Sums are exact integers, so that a
 * row's result cannot depend on its neighbours.
 */
import type { GraphBuilder } from '../../onnx/graph-builder.js'
import { MIDDLE, stepValue, zeroPoint, type Step } from '../../onnx/integers.js'
import type { IntegerType } from '../../spec/manifest.js'
import type { LinearKind, LinearValues, Reads } from '../linear.js'
import { quantizeColumns } from './quantize.js'
import { ACTIVATION_LEVELS, bestStep } from './steps.js'

/**
 * Parts: `weight` int8 or uint8 [inputs, outputs], `scale` float32 [outputs], the weights' steps; number `step`, the
 * activations', where it is static. Shared: `middles`, uint8 [1, N, 1] of 128s, the zero points of steps a row.
 */
export const integerLinears: LinearKind = {
  bytes: ({ inputs, outputs }) => inputs * outputs + 4 * outputs,
  openedBytes: ({ inputs, outputs }) => inputs * outputs + 4 * outputs,
  spreadBytes: () => 0,
  async write({ file, integers, reads }, name, weights, { inputs, outputs }) {
    const type = integers ?? 'int8'
    const { values, scale } = quantizeColumns(weights, outputs, type)
    return {
      kind: integerLinears,
      inputs,
      tensors: {
        weight: await file.add(name, type, [inputs, outputs], values),
        scale: await file.add(`${name}.scale`, 'float32', [outputs], scale),
      },
      numbers: numbersFor(reads),
    }
  },
  share(g, positions) {
    const dims = g.op('Concat', [g.op('Shape', [positions]), g.constant('int64', [1])], { axis: 0 })
    return { middles: g.op('Expand', [g.constant('uint8', [MIDDLE], [1, 1, 1]), dims]) }
  },
  emit(g, x, values, { shared, output }) {
    const step = staticStepOf(values)
    if (step === null) return emitByRow(g, x, values, shared?.middles, output)
    const rounded = g.op('QuantizeLinear', [x, stepValue(g, step), g.constant('uint8', [MIDDLE], [])])
    return emitRounded(g, rounded, step, values, output)
  },
  rounded: {
    step: staticStepOf,
    emit: (g, x, values) => emitRounded(g, x, staticStepOf(values)!, values),
  },
}

function numbersFor(reads: Reads | null): Record<string, number> {
  if (reads === null) return {}
  return { step: 'rows' in reads ? bestStep(reads.rows, reads.factors) : reads.reach / ACTIVATION_LEVELS }
}

/** Null: a step a row. */
function staticStepOf({ numbers }: LinearValues): Step | null {
  return numbers.step ?? null
}

/** x W for x already rounded to u8 steps around 128. */
function emitRounded(g: GraphBuilder, x: string, step: Step, { type, tensors }: LinearValues, output?: string): string {
  const inputs = [
    x,
    tensors.weight,
    stepValue(g, step),
    tensors.scale,
    g.constant('uint8', [MIDDLE], []),
    zeroPoint(g, type as IntegerType),
  ]
  return g.op('MatMulIntegerToFloat', inputs, {}, output)
}

/**
 * By step = max |x| of the row / 127. A row of zeros has step 0: 0 / 0 rounds to some integer, which the step then
 * multiplies by 0.
 */
function emitByRow(g: GraphBuilder, x: string, values: LinearValues, middles?: string, output?: string): string {
  const bound = (reduce: string, factor: number): string =>
    g.op('Mul', [g.op(reduce, [x, g.constant('int64', [-1])], { keepdims: 1 }), g.constant('float32', [factor], [])])
  // Two reductions read x; Abs would write it once more.
  const reach = g.op('Max', [bound('ReduceMax', 1 / ACTIVATION_LEVELS), bound('ReduceMin', -1 / ACTIVATION_LEVELS)])
  if (middles) {
    const rounded = g.op('QuantizeLinear', [x, reach, middles], { axis: -1, block_size: values.inputs })
    return g.op('Mul', [emitRounded(g, rounded, 1, values), reach], {}, output)
  }
  // Outside a pass nothing is shared, and there may be no row: a head's, where no logits are wanted. Reductions then
  // leave the axis as wide as it was.
  const int = (value: number): string => g.constant('int64', [value])
  const step = g.op('Slice', [reach, int(0), int(1), int(-1)])
  const rounded = g.op('QuantizeLinear', [g.op('Div', [x, step]), stepValue(g, 1), g.constant('uint8', [MIDDLE], [])])
  return g.op('Mul', [emitRounded(g, rounded, 1, values), step], {}, output)
}
