/**
 * Grouped-query attention over cache slots. Query heads that share a K/V head are stacked as rows, so one product per K/V head
 * serves them all: q [G * r, B * kv, d], caches [S, B * kv, d], scores [B * kv, G * r, S] (r = heads / kvHeads).
 *
 * The exact form (W8A8) sums over slots in integers only: probabilities as u8, V as int8 (or as uint8 around 128). Whatever order or number of slots, the bits
 * are the same. Scores are float sums over the head size alone, in the same order for every slot; max is exact.
 */
import type { IntegerType } from '../manifest.js'
import type { GraphBuilder } from './graph-builder.js'
import { stepValue, zeroPoint, type StaticStep } from './linear.js'

/** Score of an unseen slot: below any real score, yet finite, so a row that sees nothing stays free of NaN. */
const UNSEEN = -1e30
const PROBABILITY_STEP = 1 / 255

export interface AttentionInput {
  /** float32 [G * r, B * kv, d] (`transposed` false) or [B * kv, G * r, d]. */
  q: string
  stacked: boolean
  /** float32 [S, B * kv, d]. */
  k: string
  /** int8 or uint8 (exact) or float32 [S, B * kv, d]. */
  v: string
  /** bool [B * kv, G * r, S]. */
  sees: string
  headDim: number
}

function scores(g: GraphBuilder, input: AttentionInput): string {
  const product = g.op('FusedMatMul', [input.q, input.k], {
    alpha: { float: 1 / Math.sqrt(input.headDim) },
    transA: 0,
    transB: 1,
    transBatchA: input.stacked ? 0 : 1,
    transBatchB: 1,
  })
  // Where, not an additive mask: a freed slot may hold NaN.
  return g.op('Where', [input.sees, product, g.constant('float32', [UNSEEN], [])])
}

/** What the exact form needs besides. */
export interface ExactInput extends AttentionInput {
  /** Type of V and `ones`. */
  integers: IntegerType
  /** [S, 1], all ones: the row sum as one more integer product. Its zero is 0 in either type. */
  ones: string
  /** uint8 [B * kv, G * r, 1], all 128. */
  middles: string
  /** Step that the result is rounded to. */
  step: StaticStep
}

/**
 * Attention whose result does not depend on the order or number of slots, to the last bit. Returns uint8 [B * kv, G * r, d], around 128: sum and
 * division end in the rounding that the next linear layer needs anyway.
 */
export function exactAttention(g: GraphBuilder, input: ExactInput): string {
  const masked = scores(g, input)
  const highest = g.op('ReduceMax', [masked, g.constant('int64', [-1])], { keepdims: 1 })
  const weights = g.op('Exp', [g.op('Sub', [masked, highest])])
  const whole = g.op('QuantizeLinear', [weights, g.constant('float32', [PROBABILITY_STEP], []), g.constant('uint8', [0], [])])
  const unit = g.constant('float32', [1], [])
  const total = g.op('MatMulIntegerToFloat', [whole, input.ones, stepValue(g, input.step), unit])
  const values = g.op('MatMulIntegerToFloat', [whole, g.op('Transpose', [input.v], { perm: [1, 0, 2] }), unit, unit, '', zeroPoint(g, input.integers)])
  return g.op('QuantizeLinear', [values, total, input.middles], { axis: -1, block_size: input.headDim })
}

/** Plain float attention. `live` (bool [S, B * kv, 1]) marks slots that some row sees: others are kept out of the sums. Returns [B * kv, G * r, d]. */
export function floatAttention(g: GraphBuilder, input: AttentionInput, live: string): string {
  const probabilities = g.op('Softmax', [scores(g, input)], { axis: -1 })
  const v = g.op('Where', [live, input.v, g.constant('float32', [0], [])])
  return g.op('FusedMatMul', [probabilities, v], { transBatchB: 1 })
}
