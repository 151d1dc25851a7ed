// A node's children from one row of draft logits q, in draw order.
import { allocate, release } from './memory'
import { ANY, HEAD } from './draw'
import { race } from './race'
import { isGreedy } from './request'
import { NO_MEMORY } from './status'
import { deriveKey, DRAFT, TARGET } from './threefry'
import { topTokens } from './truncate'
import { maximum, padded, total, weigh, weighAll } from './weights'

/** Without replacement (Gumbel top-k), with the target's own noise: for the coupled rule. */
export const COUPLED: i32 = 0
/** Without replacement, with noise of its own: for rules that need draws independent of the target's. */
export const WITHOUT_REPLACEMENT: i32 = 1
/** Independent draws; the same token may come twice. */
export const WITH_REPLACEMENT: i32 = 2
/** The likeliest tokens, no noise. */
export const TOP_K: i32 = 3

/**
 * Writes up to `k` tokens and, unless `probabilities` is 0, each one's q (float32). Returns how many there are: fewer
 * where q has less support, 0 where the row has none. At temperature 0 every kind takes the greatest logits, and the
 * q's are those of temperature 1 (how sure the draft is).
 */
export function drawChildren(
  logits: usize,
  vocab: i32,
  sampling: usize,
  key: usize,
  position: u32,
  tag: u32,
  k: i32,
  kind: i32,
  tokens: usize,
  probabilities: usize,
): i32 {
  const highest = maximum(logits, vocab)
  if (highest == -Infinity) return 0
  const weightBytes = (<u32>padded(vocab)) << 2
  const weights = allocate(weightBytes + (<u32>vocab << 3) + (<u32>k << 3) + (<u32>k << 2))
  if (weights == 0) return NO_MEMORY
  const heap = weights + weightBytes
  const times = heap + (<usize>vocab << 3)
  // Written out at the end only, so that a host's overlapping arrays do no harm.
  const drawn = times + (<usize>k << 3)
  let count = 0
  if (isGreedy(sampling)) {
    if (probabilities != 0) weighAll(logits, vocab, highest, 1, weights)
    count = topTokens(logits, vocab, k, heap, drawn)
  } else {
    weigh(logits, vocab, sampling, weights, heap)
    if (kind == TOP_K) count = positive(weights, topTokens(logits, vocab, k, heap, drawn), drawn)
    else if (kind == WITH_REPLACEMENT) {
      for (; count < k; count++) {
        deriveKey(key, DRAFT, ((tag << 8) ^ count) | 0x80000000)
        race(weights, vocab, ANY, Infinity, position, 1, times, drawn + (<usize>count << 2))
      }
    } else {
      deriveKey(key, kind == COUPLED ? TARGET : DRAFT, kind == COUPLED ? 0 : tag)
      // The target couples no token below HEAD, and any draft is lossless under coupling: q's tail stays out while k
      // places fill.
      if (kind == COUPLED) count = race(weights, vocab, <f32>(total * HEAD), Infinity, position, k, times, drawn)
      if (count < k) count = race(weights, vocab, ANY, Infinity, position, k, times, drawn)
    }
  }
  memory.copy(tokens, drawn, <usize>count << 2)
  if (probabilities != 0) {
    for (let i = 0; i < count; i++) {
      const weight = load<f32>(weights + ((<usize>load<i32>(drawn + (<usize>i << 2))) << 2))
      store<f32>(probabilities + (<usize>i << 2), <f32>(<f64>weight / total))
    }
  }
  release(weights)
  return count
}

/** Leaves out the tokens that the transforms left no weight; returns how many stay. */
function positive(weights: usize, count: i32, tokens: usize): i32 {
  let kept = 0
  for (let i = 0; i < count; i++) {
    const token = load<i32>(tokens + (<usize>i << 2))
    if (!(load<f32>(weights + (<usize>token << 2)) > 0)) continue
    store<i32>(tokens + (<usize>kept << 2), token)
    kept++
  }
  return kept
}
