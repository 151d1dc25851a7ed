/**
 * fp16: linear weights and embeddings as halves; norms, attention and the residual stream stay float32. Rotated as
 * W8A8 is, so that drafts read the same features of both and one norm serves all layers.
 */
import { float32ToFloat16 } from '../common/half.js'
import { transpose } from '../common/matrix.js'
import { ELEMENT_TYPE } from '../onnx/proto.js'
import type { LinearKind } from './linear.js'
import type { TableKind } from './table.js'
import type { WeightFormat } from './weight-format.js'

/** float16 [inputs, outputs]: one MatMul, between two casts where values come and go as float32. */
const halfLinears: LinearKind = {
  bytes: ({ inputs, outputs }) => 2 * inputs * outputs,
  // A CPU multiplies in float32. Constant weights it converts once and keeps; those that come as inputs, in every pass.
  openedBytes: ({ inputs, outputs }) => 4 * inputs * outputs,
  spreadBytes: ({ inputs, outputs }, device) => (device === 'cpu' ? 4 * inputs * outputs : 0),
  async write({ file }, name, weights, { inputs, outputs }) {
    const halves = float32ToFloat16(transpose(weights, outputs, inputs))
    return {
      kind: halfLinears,
      inputs,
      tensors: { weight: await file.add(name, 'float16', [inputs, outputs], halves) },
      numbers: {},
    }
  },
  emit(g, x, { tensors }, { output, half: isHalf }) {
    if (isHalf) return g.op('MatMul', [x, tensors.weight], {}, output)
    const half = g.op('Cast', [x], { to: ELEMENT_TYPE.float16 })
    return g.op('Cast', [g.op('MatMul', [half, tensors.weight])], { to: ELEMENT_TYPE.float32 }, output)
  },
}

/** float16 [vocab, hidden]. */
const halfTable: TableKind = {
  bytes: ({ vocab, hidden }) => 2 * vocab * hidden,
  keptBytes: () => 0,
  async write(file, table, { vocab, hidden }) {
    return { rows: await file.add('embedding', 'float16', [vocab, hidden], float32ToFloat16(table)) }
  },
  emit: (g, { rows }, tokens) =>
    g.op('Cast', [g.op('Gather', [g.weight(rows), tokens], { axis: 0 })], { to: ELEMENT_TYPE.float32 }),
}

export const fp16 = {
  name: 'fp16',
  devices: ['cpu', 'cuda'],
  usualOn: ['cuda'],
  streams: true,
  halves: true,
  exact: false,
  basis: 'rotated',
  integers: null,
  calibration: null,
  linears: halfLinears,
  table: halfTable,
  refuses: () => null,
} as const satisfies WeightFormat
