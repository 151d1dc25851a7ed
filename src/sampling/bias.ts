/** Logit bias: the same numbers added to every row. */
import type { Processor } from '../strategies/row-processor.js'

export function logitBias(biases: readonly (readonly [token: number, bias: number])[]): Processor {
  return {
    push() {},
    pop() {},
    apply(row) {
      for (const [token, bias] of biases) row[token] += bias
    },
  }
}
