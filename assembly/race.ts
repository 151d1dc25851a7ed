// The exponential race: with E[x] independent Exp(1), argmin E[x] / w[x] is a draw from w / sum(w), and the k smallest,
// in order, are k draws without replacement (Gumbel top-k: -log(E / w) is log w plus Gumbel noise, so the order is the
// same). E[x] = -log(1 - U) with U = (u + 1/2) / 2^32 and u a word of Threefry: fine where it matters, near 0.
import { key0, key1, threefry, threefry4, word0, word1, words0, words1 } from './threefry'
import { padded } from './weights'

/** Sum of the weights below `low` that the last `race` came across. */
export let massBelow: f64 = 0

/** A 32-bit word as Exp(1). */
// prettier-ignore
@inline export function exponential(word: u32): f64 {
  return -Math.log1p(-(<f64>word + 0.5) * 2.3283064365386963e-10)
}

/** Exp(1) noise of one token in the stream of the last `deriveKey`. Eight tokens share four counters. */
export function noiseOf(position: u32, token: i32): f64 {
  threefry(key0, key1, position, <u32>(((token >> 3) << 2) | (token & 3)))
  return exponential(token & 4 ? word1 : word0)
}

/**
 * The `k` first of the tokens with low <= w < high, in order: f64 finishing times into `times`, ids into `tokens`;
 * returns how many there are. A token can only be among them if U < w * (the k-th time so far), since E >= U; so a
 * multiplication and a comparison rule nearly all out, and the logarithm (float64) is taken for few.
 */
export function race(
  weights: usize, vocab: i32, low: f32, high: f32, position: u32, k: i32, times: usize, tokens: usize
): i32 {
  const k0 = key0
  const k1 = key1
  const lows = f32x4.splat(low)
  const highs = f32x4.splat(high)
  let below = f64x2.splat(0)
  let count = 0
  /** Slightly above the k-th time / 2^31, to make up for the comparison's rounding. */
  let bound = f32x4.splat(Infinity)
  const end = padded(vocab)
  for (let x = 0; x < end; x += 8) {
    const at = weights + (<usize>x << 2)
    const w0 = v128.load(at)
    const w1 = v128.load(at, 16)
    const reach0 = f32x4.ge(w0, lows)
    const reach1 = f32x4.ge(w1, lows)
    const rest0 = v128.andnot(w0, reach0)
    const rest1 = v128.andnot(w1, reach1)
    below = f64x2.add(
      below,
      f64x2.add(f64x2.promote_low_f32x4(rest0), f64x2.promote_low_f32x4(v128.shuffle<i32>(rest0, rest0, 2, 3, 2, 3))),
    )
    below = f64x2.add(
      below,
      f64x2.add(f64x2.promote_low_f32x4(rest1), f64x2.promote_low_f32x4(v128.shuffle<i32>(rest1, rest1, 2, 3, 2, 3))),
    )
    const in0 = v128.and(reach0, f32x4.lt(w0, highs))
    const in1 = v128.and(reach1, f32x4.lt(w1, highs))
    if (!v128.any_true(v128.or(in0, in1))) continue
    threefry4(k0, k1, position, <u32>x >> 1)
    const early0 = f32x4.le(f32x4.convert_i32x4_s(i32x4.shr_u(words0, 1)), f32x4.mul(w0, bound))
    const early1 = f32x4.le(f32x4.convert_i32x4_s(i32x4.shr_u(words1, 1)), f32x4.mul(w1, bound))
    let lanes = i32x4.bitmask(v128.and(early0, in0)) | (i32x4.bitmask(v128.and(early1, in1)) << 4)
    while (lanes != 0) {
      const token = x + ctz(lanes)
      lanes &= lanes - 1
      const time = noiseOf(position, token) / load<f32>(weights + (<usize>token << 2))
      if (count == k && time >= load<f64>(times + (<usize>(k - 1) << 3))) continue
      if (count < k) count++
      insert(times, tokens, count, time, token)
      if (count == k) bound = f32x4.splat(<f32>(load<f64>(times + (<usize>(k - 1) << 3)) * 2147485696.0))
    }
  }
  massBelow = f64x2.extract_lane(below, 0) + f64x2.extract_lane(below, 1)
  return count
}

/**
 * Puts a runner into the ordered lists of `count` places (the last is overwritten); the later of equals goes behind.
 */
function insert(times: usize, tokens: usize, count: i32, time: f64, token: i32): void {
  let i = count - 1
  for (; i > 0; i--) {
    const before = load<f64>(times + (<usize>(i - 1) << 3))
    if (before <= time) break
    store<f64>(times + (<usize>i << 3), before)
    store<i32>(tokens + (<usize>i << 2), load<i32>(tokens + (<usize>(i - 1) << 2)))
  }
  store<f64>(times + (<usize>i << 3), time)
  store<i32>(tokens + (<usize>i << 2), token)
}
