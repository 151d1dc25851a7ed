/** fp32: the checkpoint's own values. One MatMul a linear layer. */
import { transpose } from '../common/matrix.js'
import type { LinearKind } from './linear.js'
import type { TableKind } from './table.js'
import type { WeightFormat } from './weight-format.js'

/** float32 [inputs, outputs]. */
export const floatLinears: LinearKind = {
  bytes: ({ inputs, outputs }) => 4 * inputs * outputs,
  openedBytes: ({ inputs, outputs }) => 4 * inputs * outputs,
  spreadBytes: () => 0,
  async write({ file }, name, weights, { inputs, outputs }) {
    const weight = await file.add(name, 'float32', [inputs, outputs], transpose(weights, outputs, inputs))
    return { kind: floatLinears, inputs, tensors: { weight }, numbers: {} }
  },
  emit: (g, x, { tensors }, { output }) => g.op('MatMul', [x, tensors.weight], {}, output),
}

/** float32 [vocab, hidden]. */
export const floatTable: TableKind = {
  bytes: ({ vocab, hidden }) => 4 * vocab * hidden,
  keptBytes: () => 0,
  async write(file, table, { vocab, hidden }) {
    return { rows: await file.add('embedding', 'float32', [vocab, hidden], table) }
  },
  emit: (g, { rows }, tokens) => g.op('Gather', [g.weight(rows), tokens], { axis: 0 }),
}

export const fp32 = {
  name: 'fp32',
  devices: ['cpu', 'cuda'],
  usualOn: [],
  streams: false,
  exact: false,
  basis: 'checkpoint',
  integers: null,
  calibration: null,
  linears: floatLinears,
  table: floatTable,
  refuses: () => null,
} as const satisfies WeightFormat
