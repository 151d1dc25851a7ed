/** Integers that stand for floats: u8 around 128, and weights or values as int8 or as uint8 around 128. */
import type { IntegerType } from '../spec/manifest.js'
import type { GraphBuilder } from './graph-builder.js'

/** The u8 that stands for zero. */
export const MIDDLE = 128

/** A step that is known when the graph is written, or the name of a float32 scalar that brings it. */
export type Step = number | { value: string }

/** A step as a float32 scalar. */
export function stepValue(g: GraphBuilder, step: Step): string {
  return typeof step === 'number' ? g.constant('float32', [step], []) : step.value
}

/** What stands for zero in weights and V of a type, as a scalar. */
export function zeroPoint(g: GraphBuilder, type: IntegerType): string {
  return g.constant(type, [type === 'uint8' ? MIDDLE : 0], [])
}
