// Logits to weights: w[x] = exp((logit[x] - max) / temperature) after top-k, top-p and min-p, unnormalized, float32
// [vocab] padded with zeros to a multiple of 8. p[x] = w[x] / total, with the total summed in float64. NaN counts as
// -infinity (weight 0); if any logit is +infinity, the +infinities share everything evenly.
import { exp4 } from './exp'
import { truncate } from './truncate'
import { minPOf, temperatureOf, topKOf, topPOf } from './request'
import { NO_SUPPORT } from './status'

/** Sum of the weights of the last `weigh`. */
export let total: f64 = 0

/** Length of a weights array. */
// prettier-ignore
@inline export function padded(vocab: i32): i32 { return (vocab + 7) & ~7 }

/** Writes `weights` and sets `total`. `heap` is scratch of vocab u64. NO_SUPPORT when no token can be chosen. */
export function weigh(logits: usize, vocab: i32, sampling: usize, weights: usize, heap: usize): i32 {
  const topK = topKOf(sampling)
  const topP = topPOf(sampling)
  const minP = minPOf(sampling)
  const highest = maximum(logits, vocab)
  if (highest == -Infinity) return NO_SUPPORT
  weighAll(logits, vocab, highest, temperatureOf(sampling), weights)
  if ((topK > 0 && topK < vocab) || topP < 1)
    total = truncate(logits, weights, vocab, total, topK, topP, <f32>minP, heap)
  else if (minP > 0) total = cutBelow(weights, vocab, <f32>minP)
  return 0
}

/** The weights before any is cut; sets `total`. `highest` is the greatest logit. */
export function weighAll(logits: usize, vocab: i32, highest: f32, temperature: f64, weights: usize): void {
  total =
    highest == Infinity
      ? shareInfinities(logits, vocab, weights)
      : exponentiate(logits, vocab, highest, <f32>(1 / temperature), weights)
  for (let x = vocab; x < padded(vocab); x++) store<f32>(weights + (<usize>x << 2), 0)
}

/** Greatest logit, NaN left out; -infinity if there is none. */
export function maximum(logits: usize, vocab: i32): f32 {
  let a = f32x4.splat(-Infinity)
  let b = a
  let x = 0
  for (; x + 8 <= vocab; x += 8) {
    const at = logits + (<usize>x << 2)
    a = f32x4.pmax(a, v128.load(at))
    b = f32x4.pmax(b, v128.load(at, 16))
  }
  a = f32x4.pmax(a, b)
  let highest = max(
    max(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    max(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  )
  for (; x < vocab; x++) {
    const logit = load<f32>(logits + (<usize>x << 2))
    if (logit > highest) highest = logit
  }
  return highest
}

/** Lowest token with this logit; -1 if there is none. */
export function firstEqual(logits: usize, vocab: i32, value: f32): i32 {
  const wanted = f32x4.splat(value)
  let x = 0
  for (; x + 4 <= vocab; x += 4) if (v128.any_true(f32x4.eq(v128.load(logits + (<usize>x << 2)), wanted))) break
  for (; x < vocab; x++) if (load<f32>(logits + (<usize>x << 2)) == value) return x
  return -1
}

function exponentiate(logits: usize, vocab: i32, highest: f32, scale: f32, weights: usize): f64 {
  const top = f32x4.splat(highest)
  const scales = f32x4.splat(scale)
  let low = f64x2.splat(0)
  let high = low
  let x = 0
  for (; x + 4 <= vocab; x += 4) {
    const at = <usize>x << 2
    const w = exp4(f32x4.mul(f32x4.sub(v128.load(logits + at), top), scales))
    v128.store(weights + at, w)
    low = f64x2.add(low, f64x2.promote_low_f32x4(w))
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i32>(w, w, 2, 3, 2, 3)))
  }
  low = f64x2.add(low, high)
  let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1)
  for (; x < vocab; x++) {
    const at = <usize>x << 2
    const w = f32x4.extract_lane(exp4(f32x4.splat((load<f32>(logits + at) - highest) * scale)), 0)
    store<f32>(weights + at, w)
    sum += w
  }
  return sum
}

function shareInfinities(logits: usize, vocab: i32, weights: usize): f64 {
  let count: f64 = 0
  for (let x = 0; x < vocab; x++) {
    const at = <usize>x << 2
    const w: f32 = load<f32>(logits + at) == Infinity ? 1 : 0
    store<f32>(weights + at, w)
    count += w
  }
  return count
}

/** min-p alone: the greatest weight is 1, so the bound is min-p itself. */
function cutBelow(weights: usize, vocab: i32, least: f32): f64 {
  const bound = f32x4.splat(least)
  let sum = f64x2.splat(0)
  for (let x = 0; x < padded(vocab); x += 4) {
    const at = weights + (<usize>x << 2)
    let w = v128.load(at)
    w = v128.and(w, f32x4.ge(w, bound))
    v128.store(at, w)
    sum = f64x2.add(sum, f64x2.promote_low_f32x4(w))
    sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.shuffle<i32>(w, w, 2, 3, 2, 3)))
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
}
