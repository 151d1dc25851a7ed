// What is left of the target's law during a walk: float64 [vocab], padded with zeros to a multiple of 8, unnormalized;
// its sum is kept beside it, summed anew after every change, for it decides.
import { firstEqual, maximum, padded, total, weigh } from './weights'
import { isGreedy } from './request'
import { allocate, release } from './memory'
import { NO_MEMORY, NO_SUPPORT } from './status'

/** Bytes of one residual. */
// prettier-ignore
@inline export function residualBytes(vocab: i32): u32 { return <u32>padded(vocab) << 3 }
// prettier-ignore
@inline export function massAt(mass: usize, token: i32): f64 { return load<f64>(mass + (<usize>token << 3)) }
// prettier-ignore
@inline export function setMass(mass: usize, token: i32, value: f64): void {
  store<f64>(mass + (<usize>token << 3), value)
}

/**
 * Writes the row's weights (float32, padded) and sets `total`; at temperature 0 the law is one-hot on the first
 * greatest logit. `heap` is scratch of vocab u64.
 */
export function weighRow(logits: usize, vocab: i32, sampling: usize, weights: usize, heap: usize): f64 {
  if (!isGreedy(sampling)) return weigh(logits, vocab, sampling, weights, heap) < 0 ? NO_SUPPORT : total
  const highest = maximum(logits, vocab)
  if (highest == -Infinity) return NO_SUPPORT
  memory.fill(weights, 0, <usize>padded(vocab) << 2)
  store<f32>(weights + (<usize>firstEqual(logits, vocab, highest) << 2), 1)
  return 1
}

/** mass <- weights / sum. */
export function normalize(weights: usize, vocab: i32, sum: f64, mass: usize): void {
  const scale = f64x2.splat(1 / sum)
  for (let x = 0; x < padded(vocab); x += 2) {
    v128.store(
      mass + (<usize>x << 3),
      f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(weights + (<usize>x << 2))), scale),
    )
  }
}

/** mass <- max(mass * scale - weights / weightSum, 0); returns its new sum. */
export function subtract(mass: usize, vocab: i32, scale: f64, weights: usize, weightSum: f64): f64 {
  const scales = f64x2.splat(scale)
  const weightScale = f64x2.splat(1 / weightSum)
  const zero = f64x2.splat(0)
  let left = zero
  for (let x = 0; x < padded(vocab); x += 2) {
    const at = mass + (<usize>x << 3)
    const q = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(weights + (<usize>x << 2))), weightScale)
    const rest = f64x2.pmax(zero, f64x2.sub(f64x2.mul(v128.load(at), scales), q))
    v128.store(at, rest)
    left = f64x2.add(left, rest)
  }
  return f64x2.extract_lane(left, 0) + f64x2.extract_lane(left, 1)
}

export function sumOf(mass: usize, vocab: i32): f64 {
  let sum = f64x2.splat(0)
  for (let x = 0; x < padded(vocab); x += 2) sum = f64x2.add(sum, v128.load(mass + (<usize>x << 3)))
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
}

/** Sum of float32 weights, padded, in float64. */
export function sumOfWeights(weights: usize, vocab: i32): f64 {
  let sum = f64x2.splat(0)
  for (let x = 0; x < padded(vocab); x += 2)
    sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(weights + (<usize>x << 2))))
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
}

/** The row's law as float32 [vocab]. */
export function writeProbabilities(logits: usize, vocab: i32, sampling: usize, out: usize): i32 {
  const weightBytes = <u32>padded(vocab) << 2
  const weights = allocate(weightBytes + (<u32>vocab << 3))
  if (weights == 0) return NO_MEMORY
  const sum = weighRow(logits, vocab, sampling, weights, weights + weightBytes)
  if (sum > 0) {
    const scale = f32x4.splat(<f32>(1 / sum))
    for (let x = 0; x < padded(vocab); x += 4) {
      const at = weights + (<usize>x << 2)
      v128.store(at, f32x4.mul(v128.load(at), scale))
    }
    memory.copy(out, weights, <usize>vocab << 2)
  }
  release(weights)
  return sum > 0 ? 0 : NO_SUPPORT
}
