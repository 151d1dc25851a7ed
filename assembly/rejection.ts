// Rules that go from the root down, child by child, by rejection: child x is accepted with min(1, p[x] / q[x]); on
// rejection p <- norm(max(p - q, 0)); when no child is left the token comes from p as it then is.
//   SEQUOIA   (arXiv 2402.12374, section 3.2): children drawn without replacement; a rejected child also leaves q.
//   SPECINFER (arXiv 2305.09781): children drawn with replacement; q stays.
//   NAIVE     (arXiv 2211.17192): the first child only.
// A node without q (deterministic guesses) has one-hot q's: child x is accepted with p[x]; on rejection p[x] <- 0, p <-
// norm(p).
import { allocate, release } from './memory'
import { beginWalk, decide, drawFrom } from './decide'
import { isGreedy } from './request'
import { massAt, normalize, residualBytes, setMass, subtract, sumOf, sumOfWeights, weighRow } from './residual'
import { NO_MEMORY, NO_SUPPORT } from './status'
import { at, nextChild } from './tree'
import { padded } from './weights'

export const SEQUOIA: i32 = 0
export const SPECINFER: i32 = 1
export const NAIVE: i32 = 2

/** Sum of the residual of the node the walk is at. */
let sum: f64 = 0

/** Writes the token to out[0] and the path behind it; returns the path's length. */
export function walkByRejection(
  rule: i32,
  parents: usize,
  tokens: usize,
  m: i32,
  logits: usize,
  draftLogits: usize,
  draftRow: usize,
  vocab: i32,
  sampling: usize,
  draftSampling: usize,
  key: usize,
  rootPosition: u32,
  out: usize,
): i32 {
  const weightBytes = (<u32>padded(vocab)) << 2
  const weights = allocate(weightBytes + (<u32>vocab << 3) + residualBytes(vocab) + 16)
  if (weights == 0) return NO_MEMORY
  const heap = weights + weightBytes
  const mass = (heap + (<usize>vocab << 3) + 15) & ~15
  const rowBytes = <usize>vocab << 2
  beginWalk(key, rootPosition)
  let node = 0
  let length = 0
  for (;;) {
    const weightSum = weighRow(logits + <usize>node * rowBytes, vocab, sampling, weights, heap)
    if (weightSum < 0) {
      release(weights)
      return NO_SUPPORT
    }
    normalize(weights, vocab, weightSum, mass)
    sum = sumOf(mass, vocab)
    const first = nextChild(parents, m, node, 0)
    if (first == 0) break
    const row = at(draftRow, node)
    const oneHot = row < 0 || isGreedy(draftSampling)
    // A q without support could have drawn nothing: its children are passed over.
    let draftSum: f64 = oneHot ? 1 : weighRow(draftLogits + <usize>row * rowBytes, vocab, draftSampling, weights, heap)
    let accepted = 0
    for (let child = first; child != 0 && sum > 0; child = rule == NAIVE ? 0 : nextChild(parents, m, node, child)) {
      const token = at(tokens, child)
      if (
        oneHot
          ? acceptOneHot(mass, vocab, token)
          : draftSum > 0 && acceptDrawn(rule, mass, vocab, token, weights, draftSum)
      ) {
        accepted = child
        break
      }
      if (!oneHot && rule == SEQUOIA) draftSum = sumOfWeights(weights, vocab)
    }
    if (accepted == 0) break
    node = accepted
    length++
    store<i32>(out + (<usize>length << 2), node)
  }
  // Only rounding can empty the residual (it would be the residual of equal laws, where nothing is rejected): the
  // node's own p stands in.
  if (!(sum > 0)) {
    const weightSum = weighRow(logits + <usize>node * rowBytes, vocab, sampling, weights, heap)
    normalize(weights, vocab, weightSum, mass)
    sum = sumOf(mass, vocab)
  }
  store<i32>(out, drawFrom(mass, vocab, sum))
  release(weights)
  return length
}

function acceptOneHot(mass: usize, vocab: i32, token: i32): bool {
  if (decide(massAt(mass, token) / sum)) return true
  setMass(mass, token, 0)
  sum = sumOf(mass, vocab)
  return false
}

/** One child drawn from q = weights / draftSum. After a rejection p[x] < q[x], so nothing of x is left in p. */
function acceptDrawn(rule: i32, mass: usize, vocab: i32, token: i32, weights: usize, draftSum: f64): bool {
  const at = weights + (<usize>token << 2)
  const q = <f64>load<f32>(at) / draftSum
  // q cannot have drawn it: to pass it over changes nothing.
  if (q <= 0) return false
  if (decide(massAt(mass, token) / sum / q)) return true
  setMass(mass, token, 0)
  const weight = load<f32>(at)
  store<f32>(at, 0)
  sum = subtract(mass, vocab, 1 / sum, weights, draftSum)
  if (rule != SEQUOIA) store<f32>(at, weight)
  return false
}
