/** w8: weights as int8 with a step a column, multiplied as floats. */
import { fp16 } from '../../src/formats/fp16.js'
import type { LinearKind } from '../../src/formats/linear.js'
import { quantizeColumns } from '../../src/formats/w8a8/quantize.js'
import type { WeightFormat } from '../../src/formats/weight-format.js'

const linears: LinearKind = {
  bytes: ({ inputs, outputs }) => inputs * outputs + 4 * outputs,
  openedBytes: ({ inputs, outputs }) => 4 * inputs * outputs,
  spreadBytes: ({ inputs, outputs }) => 4 * inputs * outputs,
  async write({ file }, name, weights, { inputs, outputs }) {
    const { values, scale } = quantizeColumns(weights, outputs, 'int8')
    const weight = await file.add(name, 'int8', [inputs, outputs], values)
    const steps = await file.add(`${name}.scale`, 'float32', [outputs], scale)
    return { kind: linears, inputs, tensors: { weight, scale: steps }, numbers: {} }
  },
  emit(g, x, { tensors }, { output }) {
    const weight = g.op('DequantizeLinear', [tensors.weight, tensors.scale], { axis: 1 })
    return g.op('MatMul', [x, weight], {}, output)
  },
}

/** Rotated, streamed, with a table of halves: all as in fp16, but for the linear layers. */
export const w8: WeightFormat = { ...fp16, name: 'w8', devices: ['cpu'], usualOn: [], linears }
