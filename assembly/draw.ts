// One token from one row: the target's own draw. Coupled drafts read the same noise (domain TARGET). Exact shortcut:
// tokens with p below HEAD run as one, whose finishing time is exponential with their joint mass; only if it wins do
// they race among themselves, with noise of their own (domain TAIL). Which tokens those are depends on p alone, so the
// law stays p whatever was drafted, and blocks of eight that hold no other token cost no noise.
import { allocate, release } from './memory'
import { massBelow, noiseOf, race } from './race'
import { isGreedy } from './request'
import { NO_MEMORY, NO_SUPPORT } from './status'
import { deriveKey, TAIL, TARGET } from './threefry'
import { firstEqual, maximum, padded, total, weigh } from './weights'

/** Smallest probability that gets noise of its own in a coupled draw: 2^-20. */
export const HEAD: f64 = 9.5367431640625e-7
/** Below every weight. */
export const ANY: f32 = f32.MIN_NORMAL_VALUE

/** Bytes of scratch that `drawToken` and `weigh` work in: weights, then the heap. */
// prettier-ignore
@inline export function scratchBytes(vocab: i32): u32 { return (<u32>padded(vocab) << 2) + (<u32>vocab << 3) }

/** The token, or a negative status. Temperature 0: the greatest logit, the lowest id among equals. */
export function drawToken(logits: usize, vocab: i32, sampling: usize, key: usize, position: u32, scratch: usize): i32 {
  if (isGreedy(sampling)) {
    const highest = maximum(logits, vocab)
    return highest == -Infinity ? NO_SUPPORT : firstEqual(logits, vocab, highest)
  }
  const weights = scratch
  const status = weigh(logits, vocab, sampling, weights, weights + (<usize>padded(vocab) << 2))
  if (status < 0) return status
  const winner = weights + (<usize>padded(vocab) << 2)
  const time = winner + 8
  const low = <f32>(total * HEAD)
  deriveKey(key, TARGET, 0)
  const found = race(weights, vocab, low, Infinity, position, 1, time, winner)
  const tail = massBelow
  if (tail > 0) {
    deriveKey(key, TAIL, 0)
    const together = noiseOf(position, 0) / tail
    if (found == 0 || together < load<f64>(time)) {
      deriveKey(key, TAIL, 1)
      race(weights, vocab, ANY, low, position, 1, time, winner)
    }
  }
  return load<i32>(winner)
}

/** `drawToken` with scratch of its own. */
export function drawTokenOnce(logits: usize, vocab: i32, sampling: usize, key: usize, position: u32): i32 {
  const scratch = allocate(scratchBytes(vocab) + 16)
  if (scratch == 0) return NO_MEMORY
  const token = drawToken(logits, vocab, sampling, key, position, scratch)
  release(scratch)
  return token
}
