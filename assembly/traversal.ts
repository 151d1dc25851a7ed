// Traversal verification (arXiv 2505.12398): from the leaves up, whole paths at a time. Every node has a chance a of
// being the end of the accepted path: the root 1, a child x of a node min(1, a p[x] / q[x]). The first leaf is accepted
// with its a; else it goes, and its parent's law and chance become, with r = max(a p - q, 0) and S its sum: p <- r / S,
// a <- S / (S + 1 - a), q[x] <- 0, q <- norm(q). A node whose children are all gone is a leaf; the token after the
// accepted one comes from its p as it then is. Children are drawn without replacement from q; without a q they have
// one-hot q's. On chains this is block verification (arXiv 2403.10444).
import { allocate, release } from './memory'
import { beginWalk, decide, drawFrom } from './decide'
import { isGreedy } from './request'
import { massAt, normalize, residualBytes, setMass, subtract, sumOf, sumOfWeights, weighRow } from './residual'
import { NO_MEMORY, NO_SUPPORT } from './status'
import { at, nextChild } from './tree'
import { padded } from './weights'

/**
 * One node on the way down, in the arena: what the struct's readers below say, then its p (float64) and q (float32
 * weights).
 */
const FRAME: usize = 48
// prettier-ignore
@inline function chanceOf(frame: usize): f64 { return load<f64>(frame) }
/** Sum of p. */
// prettier-ignore
@inline function sumOfFrame(frame: usize): f64 { return load<f64>(frame, 8) }
/** Sum of q. */
// prettier-ignore
@inline function draftSumOf(frame: usize): f64 { return load<f64>(frame, 16) }
// prettier-ignore
@inline function nodeOf(frame: usize): i32 { return load<i32>(frame, 24) }
/** The child in turn, 0 when none is left. */
// prettier-ignore
@inline function childOf(frame: usize): i32 { return load<i32>(frame, 28) }
/** The parent's frame, 0 for the root's. */
// prettier-ignore
@inline function aboveOf(frame: usize): usize { return load<u32>(frame, 32) }
// prettier-ignore
@inline function isOneHot(frame: usize): bool { return load<i32>(frame, 36) != 0 }
// prettier-ignore
@inline function massOf(frame: usize): usize { return frame + FRAME }
// prettier-ignore
@inline function weightsOf(frame: usize): usize { return frame + FRAME + residualBytes(vocab) }

let parents: usize = 0
let tokens: usize = 0
let m: i32 = 0
let logits: usize = 0
let draftLogits: usize = 0
let draftRow: usize = 0
let vocab: i32 = 0
let sampling: usize = 0
let draftSampling: usize = 0
/** With `chain`, every node keeps its first child only. */
let chain: bool = false
let heap: usize = 0
/** The deepest open frame. */
let deepest: usize = 0

/** Writes the token to out[0] and the path behind it; returns the path's length. */
export function walkFromLeaves(
  firstOnly: bool, treeParents: usize, treeTokens: usize, nodes: i32, rows: usize, draftRows: usize,
  draftRowOf: usize, vocabulary: i32, target: usize, draft: usize, key: usize, rootPosition: u32, out: usize
): i32 {
  parents = treeParents
  tokens = treeTokens
  m = nodes
  logits = rows
  draftLogits = draftRows
  draftRow = draftRowOf
  vocab = vocabulary
  sampling = target
  draftSampling = draft
  chain = firstOnly
  deepest = 0
  heap = allocate(<u32>vocab << 3)
  if (heap == 0) return NO_MEMORY
  beginWalk(key, rootPosition)
  let status = findEnd()
  if (status == 0) status = writeVerdict(out)
  while (deepest != 0) close()
  release(heap)
  return status
}

/** Goes through the tree until the deepest frame is the accepted node's. */
function findEnd(): i32 {
  let status = open(0, 1)
  while (status == 0) {
    const frame = deepest
    const child = possibleChild(frame)
    if (child == 0) {
      if (nodeOf(frame) == 0 || decide(chanceOf(frame))) return 0
      close()
      drop(deepest)
      continue
    }
    const x = at(tokens, child)
    const q: f64 = isOneHot(frame) ? 1 : <f64>load<f32>(weightsOf(frame) + (<usize>x << 2)) / draftSumOf(frame)
    const chance = min<f64>(1, (chanceOf(frame) * massAt(massOf(frame), x)) / sumOfFrame(frame) / q)
    // A leaf that is not accepted need not be weighed at all.
    const leaf = nextChild(parents, m, child, 0) == 0
    if (leaf && !decide(chance)) {
      drop(frame)
      continue
    }
    status = open(child, chance)
    if (leaf) return status
  }
  return status
}

/** Opens the frame of a node with this chance, below the deepest. */
function open(node: i32, chance: f64): i32 {
  const frame = allocate(<u32>FRAME + residualBytes(vocab) + (<u32>padded(vocab) << 2))
  if (frame == 0) return NO_MEMORY
  store<u32>(frame, <u32>deepest, 32)
  deepest = frame
  const weights = frame + FRAME + residualBytes(vocab)
  const weightSum = weighRow(rowOf(node), vocab, sampling, weights, heap)
  if (weightSum < 0) return NO_SUPPORT
  normalize(weights, vocab, weightSum, massOf(frame))
  const row = at(draftRow, node)
  const oneHot = row < 0 || isGreedy(draftSampling)
  const child = nextChild(parents, m, node, 0)
  let draftSum: f64 = 1
  if (oneHot) memory.fill(weights, 0, <usize>padded(vocab) << 2)
  else if (child != 0)
    draftSum = weighRow(draftLogits + ((<usize>row * <usize>vocab) << 2), vocab, draftSampling, weights, heap)
  store<f64>(frame, chance)
  store<f64>(frame, sumOf(massOf(frame), vocab), 8)
  store<f64>(frame, draftSum, 16)
  store<i32>(frame, node, 24)
  store<i32>(frame, child, 28)
  store<i32>(frame, i32(oneHot), 36)
  return 0
}

function close(): void {
  const frame = deepest
  deepest = aboveOf(frame)
  release(frame)
}

// prettier-ignore
@inline function rowOf(node: i32): usize { return logits + ((<usize>node * <usize>vocab) << 2) }

/** The child in turn; those that q cannot have drawn are passed over, which changes nothing. */
function possibleChild(frame: usize): i32 {
  if (!(sumOfFrame(frame) > 0 && draftSumOf(frame) > 0)) return 0
  let child = childOf(frame)
  while (child != 0 && !isOneHot(frame) && !(load<f32>(weightsOf(frame) + (<usize>at(tokens, child) << 2)) > 0))
    child = following(frame, child)
  store<i32>(frame, child, 28)
  return child
}

// prettier-ignore
@inline function following(frame: usize, child: i32): i32 {
  return chain ? 0 : nextChild(parents, m, nodeOf(frame), child)
}

/**
 * The child in turn has gone, and all below it. What is left of its token is max(a p - q, 0), and that is 0 where the
 * child's own chance was below 1: the only case in which it can go.
 */
function drop(frame: usize): void {
  const x = at(tokens, childOf(frame))
  setMass(massOf(frame), x, 0)
  store<f32>(weightsOf(frame) + (<usize>x << 2), 0)
  const chance = chanceOf(frame)
  const left = subtract(massOf(frame), vocab, chance / sumOfFrame(frame), weightsOf(frame), draftSumOf(frame))
  store<f64>(frame, left > 0 ? left / (left + (1 - chance)) : chance >= 1 ? 1 : 0)
  store<f64>(frame, left, 8)
  if (!isOneHot(frame)) store<f64>(frame, sumOfWeights(weightsOf(frame), vocab), 16)
  store<i32>(frame, following(frame, childOf(frame)), 28)
}

function writeVerdict(out: usize): i32 {
  const end = nodeOf(deepest)
  const mass = massOf(deepest)
  let sum = sumOfFrame(deepest)
  // Only rounding can empty the residual of a node that is accepted: its own p stands in.
  if (!(sum > 0)) {
    const weights = weightsOf(deepest)
    normalize(weights, vocab, weighRow(rowOf(end), vocab, sampling, weights, heap), mass)
    sum = sumOf(mass, vocab)
  }
  let length = 0
  for (let node = end; node != 0; node = at(parents, node)) length++
  store<i32>(out, drawFrom(mass, vocab, sum))
  for (let node = end, i = length; node != 0; node = at(parents, node), i--) store<i32>(out + (<usize>i << 2), node)
  return length
}
