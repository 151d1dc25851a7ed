/** The table of embeddings as int8 [vocab, hidden] and a float32 step a row. */
import { ELEMENT_TYPE } from '../../onnx/proto.js'
import type { TableKind } from '../table.js'
import { quantizeRows } from './quantize.js'

export const integerTable: TableKind = {
  bytes: ({ vocab, hidden }) => vocab * (hidden + 4),
  keptBytes: ({ vocab }) => 4 * vocab,
  async write(file, table, { vocab, hidden }) {
    const { values, scale } = quantizeRows(table, vocab)
    return {
      rows: await file.add('embedding', 'int8', [vocab, hidden], values),
      scale: await file.add('embedding.scale', 'float32', [vocab, 1], scale),
    }
  },
  emit(g, { rows, scale }, tokens) {
    const values = g.op('Gather', [g.weight(rows), tokens], { axis: 0 })
    const steps = g.op('Gather', [g.weight(scale!), tokens], { axis: 0 })
    return g.op('Mul', [g.op('Cast', [values], { to: ELEMENT_TYPE.float32 }), steps])
  },
}
