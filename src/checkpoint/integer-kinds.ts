/** Whole numbers and truth values as tensors of checkpoints hold them: maps between vocabularies, and the like. */
import type { BlockKind } from './gguf/blocks.js'

/** int64 below 2^24 in size: what float32 holds exactly. */
export const I64 = elementKind('I64', 8, (view, at) => Number(view.getBigInt64(at, true)))
export const I32 = elementKind('I32', 4, (view, at) => view.getInt32(at, true))
/** 0 or 1. */
export const BOOL = elementKind('BOOL', 1, (view, at) => view.getUint8(at))

function elementKind(name: string, bytes: number, read: (view: DataView, at: number) => number): BlockKind {
  return {
    name,
    values: 1,
    bytes,
    decode(from, at, out, to, count) {
      const view = new DataView(from.buffer, from.byteOffset, from.byteLength)
      for (let i = 0; i < count; i++) out[to + i] = read(view, at + i * bytes)
    },
  }
}
