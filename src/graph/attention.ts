/**
 * Grouped-query attention over cache slots. Query heads that share a K/V head are stacked as rows, so one product per
 * K/V head serves them all: q [G * r, B * kv, d], caches [S, B * kv, d], scores [B * kv, G * r, S] (r = heads /
 * kvHeads).
 *
 * The exact form (W8A8) sums over slots in integers only: probabilities as u8 (rows far into a text: two u8), V as int8
 * (or as uint8 around 128). Whatever order or number of slots, the bits are the same. Scores are float sums over the
 * head size alone, in the same order for every slot (large heads: over p parts of a head); max is exact.
 */
import type { IntegerType } from '../spec/manifest.js'
import type { GraphBuilder } from '../onnx/graph-builder.js'
import { MIDDLE, stepValue, zeroPoint, type Step } from '../onnx/integers.js'

/** Score of an unseen slot: below any real score, yet finite, so a row that sees nothing stays free of NaN. */
const UNSEEN = -1e30
const PROBABILITY_STEP = 1 / 255
/** A float product sums up to so many terms at once, in one order; longer sums in blocks that depend on S. */
const MOST_TERMS = 128
/** A probability's u8 leaves over half a step at most, either way; fine rows keep that as one more u8 around 128. */
const REST_LEVELS = 254
const REST_STEP = PROBABILITY_STEP / REST_LEVELS

export interface AttentionInput {
  /** float32 [B * kv * p, G * r, d / p] where `stacked`, else [G * r, B * kv * p, d / p]. */
  q: string
  stacked: boolean
  /** float32 [S, B * kv * p, d / p]. */
  k: string
  /** The p parts that heads come in; null: whole. */
  parts: Parts | null
  /** int8 or uint8 (exact) or float32 [S, B * kv, d]. */
  v: string
  /** bool [B * kv, G * r, S]. */
  sees: string
  headDim: number
  /** Scores are q k times this, and then cap * tanh(score / cap) where there is a cap. */
  scale: number
  cap: number | null
}

/** Parts of a head whose scores are summed apart. */
export interface Parts {
  count: number
  /** int64 [4]: [-1, count, G * r, S]. */
  shape: string
}

/** In how many equal parts the exact form takes a head. */
export function partsOf(headDim: number): number {
  let count = Math.ceil(headDim / MOST_TERMS)
  while (headDim % count !== 0) count++
  return count
}

function scores(g: GraphBuilder, input: AttentionInput): string {
  const { scale, cap, parts } = input
  const apart = g.op('FusedMatMul', [input.q, input.k], {
    alpha: { float: cap === null ? scale : scale / cap },
    transA: 0,
    transB: 1,
    transBatchA: input.stacked ? 0 : 1,
    transBatchB: 1,
  })
  const product = parts
    ? g.op('ReduceSum', [g.op('Reshape', [apart, parts.shape]), g.constant('int64', [1])], { keepdims: 0 })
    : apart
  // Where, not an additive mask: a freed slot may hold NaN.
  const capped = cap === null ? product : g.op('Mul', [g.op('Tanh', [product]), g.constant('float32', [cap], [])])
  return g.op('Where', [input.sees, capped, g.constant('float32', [UNSEEN], [])])
}

/** What the exact form reads beside the float form's inputs. */
export interface ExactInput extends AttentionInput {
  /** Type of V and `ones`. */
  integers: IntegerType
  /** [S, 1], all ones: the row sum as one more integer product. Its zero is 0 in either type. */
  ones: string
  /** uint8 [B * kv, G * r, 1], all 128. */
  middles: string
  /**
   * float32 [B * kv, G * r, 1]: 1 for fine rows, whose probabilities have two u8; 0 for the others. `true`: all rows
   * are fine. Left out: none is.
   */
  fine?: string | true
  /** Step that the result is rounded to; null: it stays float. */
  step: Step | null
}

/**
 * Attention whose result does not depend on the order or number of slots, to the last bit. Returns [B * kv, G * r,
 * d]: uint8 around 128 where there is a step, for sum and division then end in the rounding that the next linear layer
 * needs anyway; else float32 in V's steps.
 */
export function exactAttention(g: GraphBuilder, input: ExactInput): string {
  const masked = scores(g, input)
  const highest = g.op('ReduceMax', [masked, g.constant('int64', [-1])], { keepdims: 1 })
  const weights = g.op('Exp', [g.op('Sub', [masked, highest])])
  const float = (value: number): string => g.constant('float32', [value], [])
  const unit = float(1)
  const step = stepValue(g, input.step ?? 1)
  const v = g.op('Transpose', [input.v], { perm: [1, 0, 2] })
  const vZero = zeroPoint(g, input.integers)
  const [probabilityStep, zero] = [float(PROBABILITY_STEP), g.constant('uint8', [0], [])]
  const whole = g.op('QuantizeLinear', [weights, probabilityStep, zero])
  let total = g.op('MatMulIntegerToFloat', [whole, input.ones, step, unit])
  let values = g.op('MatMulIntegerToFloat', [whole, v, unit, unit, '', vZero])
  if (input.fine !== undefined) {
    // A row that has no fine probabilities adds zeros: its bits are those of the graph without them.
    const rounded = g.op('DequantizeLinear', [whole, probabilityStep, zero])
    const every = g.op('Sub', [weights, rounded])
    const left = input.fine === true ? every : g.op('Mul', [every, input.fine])
    const [middle, share] = [g.constant('uint8', [MIDDLE], []), float(1 / REST_LEVELS)]
    const rest = g.op('QuantizeLinear', [left, float(REST_STEP), middle])
    total = g.op('Add', [total, g.op('MatMulIntegerToFloat', [rest, input.ones, step, share, middle])])
    values = g.op('Add', [values, g.op('MatMulIntegerToFloat', [rest, v, unit, share, middle, vZero])])
  }
  if (input.step === null) return g.op('Div', [values, total])
  return g.op('QuantizeLinear', [values, total, input.middles], { axis: -1, block_size: input.headDim })
}

/**
 * Plain float attention. `live` (bool [S, B * kv, 1]) marks slots that some row sees: others are kept out of the sums.
 * Returns [B * kv, G * r, d].
 */
export function floatAttention(g: GraphBuilder, input: AttentionInput, live: string): string {
  const probabilities = g.op('Softmax', [scores(g, input)], { axis: -1 })
  const v = g.op('Where', [live, input.v, g.constant('float32', [0], [])])
  return g.op('FusedMatMul', [probabilities, v], { transBatchB: 1 })
}
