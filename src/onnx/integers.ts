/** Integers that stand for floats: u8 around 128, and weights or values as int8 or as uint8 around 128. */
import type { IntegerType } from '../spec/manifest.js'
import type { GraphBuilder } from './graph-builder.js'

/** The u8 that stands for zero. */
export const MIDDLE = 128

/** What stands for zero in weights and V of a type, as a scalar. */
export function zeroPoint(g: GraphBuilder, type: IntegerType): string {
  return g.constant(type, [type === 'uint8' ? MIDDLE : 0], [])
}
