// Traversal verification (arXiv 2505.12398): from the leaves up, whole paths at a time. Every node has a chance a of being the end of
// the accepted path: the root 1, a child x of a node min(1, a p[x] / q[x]). The first leaf is accepted with its a; else it goes, and its
// parent's law and chance become, with r = max(a p - q, 0) and S its sum: p <- r / S, a <- S / (S + 1 - a), q[x] <- 0, q <- norm(q).
// A node whose children are all gone is a leaf; the token after the accepted one comes from its p as it then is. Children are drawn
// without replacement from q; without a q they have one-hot q's. On chains this is block verification (arXiv 2403.10444).
import { allocate, release } from './memory'
import { beginWalk, decide, drawFrom } from './decide'
import { isGreedy } from './request'
import { massAt, normalize, residualBytes, setMass, subtract, sumOf, sumOfWeights, weighRow } from './residual'
import { NO_MEMORY, NO_SUPPORT } from './status'
import { at, nextChild } from './tree'
import { padded } from './weights'

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
/** The accepted node and the token after it. */
let end: i32 = 0
let token: i32 = 0

/** Writes the token to out[0] and the path behind it; returns the path's length. */
export function walkFromLeaves(firstOnly: bool, treeParents: usize, treeTokens: usize, nodes: i32, rows: usize, draftRows: usize, rowOf: usize, vocabulary: i32, target: usize, draft: usize, key: usize, rootPosition: u32, out: usize): i32 {
  parents = treeParents
  tokens = treeTokens
  m = nodes
  logits = rows
  draftLogits = draftRows
  draftRow = rowOf
  vocab = vocabulary
  sampling = target
  draftSampling = draft
  chain = firstOnly
  heap = allocate(<u32>vocab << 3)
  if (heap == 0) return NO_MEMORY
  beginWalk(key, rootPosition)
  const status = visit(0, 1)
  release(heap)
  if (status < 0) return status
  let length = 0
  for (let node = end; node != 0; node = at(parents, node)) length++
  store<i32>(out, token)
  for (let node = end, i = length; node != 0; node = at(parents, node), i--) store<i32>(out + (<usize>i << 2), node)
  return length
}

/** 1 if the path ended at this node or below it, 0 if not; `chance` is the node's a. */
function visit(node: i32, chance: f64): i32 {
  const mass = allocate(residualBytes(vocab) + (<u32>padded(vocab) << 2))
  if (mass == 0) return NO_MEMORY
  const weights = mass + residualBytes(vocab)
  const result = visitWith(node, chance, mass, weights)
  release(mass)
  return result
}

function visitWith(node: i32, chance: f64, mass: usize, weights: usize): i32 {
  let child = nextChild(parents, m, node, 0)
  if (child == 0 && node != 0 && !decide(chance)) return 0
  const row = logits + ((<usize>node * <usize>vocab) << 2)
  const weightSum = weighRow(row, vocab, sampling, weights, heap)
  if (weightSum < 0) return NO_SUPPORT
  normalize(weights, vocab, weightSum, mass)
  let sum = sumOf(mass, vocab)
  const drawnFrom = at(draftRow, node)
  const oneHot = drawnFrom < 0 || isGreedy(draftSampling)
  const leaf = child == 0
  let draftSum: f64 = 1
  if (!leaf) draftSum = oneHot ? 1 : weighRow(draftLogits + ((<usize>drawnFrom * <usize>vocab) << 2), vocab, draftSampling, weights, heap)
  if (oneHot) memory.fill(weights, 0, <usize>padded(vocab) << 2)
  for (; child != 0 && sum > 0 && draftSum > 0; child = chain ? 0 : nextChild(parents, m, node, child)) {
    const x = at(tokens, child)
    const drawn = weights + (<usize>x << 2)
    const q: f64 = oneHot ? 1 : <f64>load<f32>(drawn) / draftSum
    // q cannot have drawn it: to pass it over changes nothing.
    if (q <= 0) continue
    const below = visit(child, min<f64>(1, (chance * massAt(mass, x)) / sum / q))
    if (below != 0) return below
    // What is left of x itself is max(a p - q, 0), and nothing where its own chance was below 1: the only case in which it can go.
    setMass(mass, x, 0)
    store<f32>(drawn, 0)
    const left = subtract(mass, vocab, chance / sum, weights, draftSum)
    if (!oneHot) draftSum = sumOfWeights(weights, vocab)
    sum = left
    chance = left > 0 ? left / (left + (1 - chance)) : chance >= 1 ? 1 : 0
  }
  if (!leaf && node != 0 && !decide(chance)) return 0
  // Only rounding can empty the residual of a node that is accepted: its own p stands in.
  if (!(sum > 0)) {
    normalize(weights, vocab, weighRow(row, vocab, sampling, weights, heap), mass)
    sum = sumOf(mass, vocab)
  }
  end = node
  token = drawFrom(mass, vocab, sum)
  return 1
}
