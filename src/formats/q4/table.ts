/** The table of embeddings as int8 [vocab, hidden] and a step for each 32 values of a row, a half where it can be. */
import { ELEMENT_TYPE } from '../../onnx/proto.js'
import type { TableKind } from '../table.js'
import { BLOCK } from './grid.js'
import { asHalves, roundTo8 } from './round.js'

/** Blocks of a row, the last of which may be short. */
const blocksOf = (hidden: number): number => Math.ceil(hidden / BLOCK)

/** `rows` are padded to whole blocks. */
export const blockTable: TableKind = {
  bytes: ({ vocab, hidden }) => vocab * blocksOf(hidden) * (BLOCK + 4),
  keptBytes: ({ vocab, hidden }) => vocab * blocksOf(hidden) * (BLOCK + 4),
  async write(file, table, { vocab, hidden }) {
    const blocks = blocksOf(hidden)
    const values = new Int8Array(vocab * blocks * BLOCK)
    const steps = new Float32Array(vocab * blocks)
    const bytes = new Uint8Array(BLOCK)
    for (let place = 0; place < steps.length; place++) {
      const block = place % blocks
      const at = Math.floor(place / blocks) * hidden + block * BLOCK
      steps[place] = roundTo8(table, at, Math.min(BLOCK, hidden - block * BLOCK), bytes)
      for (let i = 0; i < BLOCK; i++) values[place * BLOCK + i] = bytes[i] - 128
    }
    const halves = asHalves(steps)
    return {
      rows: await file.add('embedding', 'int8', [vocab, blocks, BLOCK], values),
      scale: await file.add('embedding.scale', halves ? 'float16' : 'float32', [vocab, blocks, 1], halves ?? steps),
      width: hidden,
    }
  },
  emit(g, { rows, scale, width }, tokens) {
    const [, blocks] = rows.dims
    const values = g.op('Gather', [g.weight(rows), tokens], { axis: 0 })
    const float = (x: string): string => g.op('Cast', [x], { to: ELEMENT_TYPE.float32 })
    const stored = g.op('Gather', [g.weight(scale!), tokens], { axis: 0 })
    const steps = scale!.type === 'float16' ? float(stored) : stored
    const floats = g.op('Mul', [float(values), steps])
    const whole = g.op('Reshape', [floats, g.constant('int64', [1, -1, blocks * BLOCK])])
    if (width === undefined || width === blocks * BLOCK) return whole
    const int = (value: number): string => g.constant('int64', [value])
    return g.op('Slice', [whole, int(0), int(width), int(-1)])
  },
}
