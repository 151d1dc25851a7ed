// The exported face: plain numbers in, plain numbers out. Every pointer, size and struct is checked here, once; a
// failure is a negative status, never a trap. README.md beside this file is the contract.
import { allocate, check, checkRows, release } from './memory'
import { COUPLED, drawChildren, TOP_K } from './children'
import { walkCoupled } from './coupled'
import { choicesMade, setScript } from './decide'
import { drawTokenOnce } from './draw'
import { writeMask } from './mask'
import { checkPlan, writeFrontier, writeTree } from './plan'
import { writeProbabilities } from './residual'
import { NAIVE, SEQUOIA, SPECINFER, walkByRejection } from './rejection'
import { checkKey, checkSampling } from './request'
import { INVALID, NO_MEMORY } from './status'
import { threefry, word0, word1 } from './threefry'
import { walkFromLeaves } from './traversal'
import { at, checkTree } from './tree'

/** Largest tree of a walk. */
const MOST_NODES: i32 = 4096
/** Largest vocabulary: 2^24. */
const MOST_VOCAB: i32 = 1 << 24

export function abi_version(): i32 {
  return 1
}

export function alloc(bytes: u32): usize {
  return allocate(bytes)
}

export function free(pointer: usize): i32 {
  return release(pointer)
}

export function threefry2x32(k0: u32, k1: u32, c0: u32, c1: u32, out: usize): i32 {
  const status = check(out, 2, 4)
  if (status < 0) return status
  threefry(k0, k1, c0, c1)
  store<u32>(out, word0)
  store<u32>(out, word1, 4)
  return 0
}

export function choose_token(logits: usize, vocab: i32, sampling: usize, key: usize, position: u32): i32 {
  const status = both(checkLogits(logits, 1, vocab), both(checkSampling(sampling), checkKey(key)))
  return status < 0 ? status : drawTokenOnce(logits, vocab, sampling, key, position)
}

export function probabilities(logits: usize, vocab: i32, sampling: usize, out: usize): i32 {
  const status = both(checkLogits(logits, 1, vocab), both(checkSampling(sampling), check(out, vocab, 4)))
  return status < 0 ? status : writeProbabilities(logits, vocab, sampling, out)
}

export function draft_children(
  logits: usize, vocab: i32, sampling: usize, key: usize, position: u32, tag: u32, k: i32, kind: i32, tokens: usize,
  probabilities: usize
): i32 {
  let status = both(checkLogits(logits, 1, vocab), both(checkSampling(sampling), checkKey(key)))
  if (status < 0) return status
  if (k < 0 || k > vocab || kind < COUPLED || kind > TOP_K) return INVALID
  status = both(check(tokens, k, 4), probabilities == 0 ? 0 : check(probabilities, k, 4))
  if (status < 0 || k == 0) return status
  return drawChildren(logits, vocab, sampling, key, position, tag, k, kind, tokens, probabilities)
}

export function verify_coupled(
  parents: usize, tokens: usize, m: i32, logits: usize, vocab: i32, sampling: usize, key: usize, rootPosition: u32,
  out: usize
): i32 {
  const status = checkWalk(parents, tokens, m, logits, vocab, sampling, key, out)
  const walked: usize = status < 0 ? 0 : beginVerdict(m)
  if (walked == 0) return both(status, NO_MEMORY)
  return endVerdict(walkCoupled(parents, tokens, m, logits, vocab, sampling, key, rootPosition, walked), walked, out)
}

export function verify_sequoia(
  parents: usize, tokens: usize, m: i32, logits: usize, draftLogits: usize, draftRows: i32, draftRow: usize,
  vocab: i32, sampling: usize, draftSampling: usize, key: usize, rootPosition: u32, out: usize
): i32 {
  return verify(
    SEQUOIA, parents, tokens, m, logits, draftLogits, draftRows, draftRow, vocab, sampling, draftSampling, key,
    rootPosition, out
  )
}

export function verify_specinfer(
  parents: usize, tokens: usize, m: i32, logits: usize, draftLogits: usize, draftRows: i32, draftRow: usize,
  vocab: i32, sampling: usize, draftSampling: usize, key: usize, rootPosition: u32, out: usize
): i32 {
  return verify(
    SPECINFER, parents, tokens, m, logits, draftLogits, draftRows, draftRow, vocab, sampling, draftSampling, key,
    rootPosition, out
  )
}

export function verify_naive(
  parents: usize, tokens: usize, m: i32, logits: usize, draftLogits: usize, draftRows: i32, draftRow: usize,
  vocab: i32, sampling: usize, draftSampling: usize, key: usize, rootPosition: u32, out: usize
): i32 {
  return verify(
    NAIVE, parents, tokens, m, logits, draftLogits, draftRows, draftRow, vocab, sampling, draftSampling, key,
    rootPosition, out
  )
}

export function verify_traversal(
  parents: usize, tokens: usize, m: i32, logits: usize, draftLogits: usize, draftRows: i32, draftRow: usize,
  vocab: i32, sampling: usize, draftSampling: usize, key: usize, rootPosition: u32, out: usize
): i32 {
  return verify(
    TRAVERSAL, parents, tokens, m, logits, draftLogits, draftRows, draftRow, vocab, sampling, draftSampling, key,
    rootPosition, out
  )
}

export function verify_block(
  parents: usize, tokens: usize, m: i32, logits: usize, draftLogits: usize, draftRows: i32, draftRow: usize,
  vocab: i32, sampling: usize, draftSampling: usize, key: usize, rootPosition: u32, out: usize
): i32 {
  return verify(
    BLOCK, parents, tokens, m, logits, draftLogits, draftRows, draftRow, vocab, sampling, draftSampling, key,
    rootPosition, out
  )
}

export function plan_frontier(
  acceptance: usize, levels: i32, ranks: i32, maxNodes: i32, maxDepth: i32, out: usize
): i32 {
  let status = checkVectors(acceptance, levels, ranks, maxNodes, maxDepth)
  if (status == 0) status = checkRows(out, maxDepth + 1, maxNodes + 1, 8)
  return status < 0 ? status : writeFrontier(acceptance, levels, ranks, maxNodes, maxDepth, out)
}

export function plan_tree(acceptance: usize, levels: i32, ranks: i32, nodes: i32, depth: i32, parents: usize): i32 {
  let status = checkVectors(acceptance, levels, ranks, nodes, depth)
  if (status == 0) status = check(parents, nodes, 4)
  return status < 0 ? status : writeTree(acceptance, levels, ranks, nodes, depth, parents)
}

export function ancestor_mask(base: usize, slotCount: i32, parents: usize, slots: usize, m: i32, out: usize): i32 {
  const status = both(
    both(check(base, slotCount, 1), checkRows(out, m, slotCount, 1)),
    both(check(parents, m, 4), check(slots, m, 4)),
  )
  return status < 0 ? status : writeMask(base, slotCount, parents, slots, m, out)
}

/**
 * For tests: walks from here on follow the script (u8 [length]) and write down each choice's chance (f64 [length]) and
 * the last law (f64 [vocab]).
 */
export function set_script(decisions: usize, length: i32, chances: usize, law: usize, vocab: i32): i32 {
  if (length == 0) {
    setScript(0, 0, 0, 0, 0)
    return 0
  }
  const status = both(check(decisions, length, 1), both(check(chances, length, 8), check(law, vocab, 8)))
  if (status == 0) setScript(decisions, length, chances, law, vocab)
  return status
}

/** For tests: how many choices the last walk made. */
export function choices_made(): i32 {
  return choicesMade()
}

/** Rules that need the draft's logits; the first three go down by rejection, the others up from the leaves. */
const TRAVERSAL: i32 = 3
const BLOCK: i32 = 4

function verify(
  rule: i32, parents: usize, tokens: usize, m: i32, logits: usize, draftLogits: usize, draftRows: i32,
  draftRow: usize, vocab: i32, sampling: usize, draftSampling: usize, key: usize, rootPosition: u32, out: usize
): i32 {
  let status = checkWalk(parents, tokens, m, logits, vocab, sampling, key, out)
  if (status == 0) status = checkDraft(m, draftLogits, draftRows, draftRow, vocab, draftSampling)
  const walked: usize = status < 0 ? 0 : beginVerdict(m)
  if (walked == 0) return both(status, NO_MEMORY)
  const length =
    rule < TRAVERSAL
      ? walkByRejection(
        rule, parents, tokens, m, logits, draftLogits, draftRow, vocab, sampling, draftSampling, key, rootPosition,
        walked
      )
      : walkFromLeaves(
        rule == BLOCK, parents, tokens, m, logits, draftLogits, draftRow, vocab, sampling, draftSampling, key,
        rootPosition, walked
      )
  return endVerdict(length, walked, out)
}

/** Walks write their verdict here, and it is copied out at the end, so that a host's overlapping arrays do no harm. */
function beginVerdict(m: i32): usize {
  return allocate(<u32>m << 2)
}

function endVerdict(length: i32, walked: usize, out: usize): i32 {
  if (length >= 0) memory.copy(out, walked, <usize>(length + 1) << 2)
  release(walked)
  return length
}

// prettier-ignore
@inline function both(first: i32, second: i32): i32 { return first < 0 ? first : second }

function checkLogits(logits: usize, rows: i32, vocab: i32): i32 {
  return vocab < 1 || vocab > MOST_VOCAB ? INVALID : checkRows(logits, rows, vocab, 4)
}

function checkWalk(
  parents: usize, tokens: usize, m: i32, logits: usize, vocab: i32, sampling: usize, key: usize, out: usize
): i32 {
  if (m < 1 || m > MOST_NODES) return INVALID
  let status = both(check(parents, m, 4), both(check(tokens, m, 4), check(out, m, 4)))
  status = both(both(status, checkLogits(logits, m, vocab)), both(checkSampling(sampling), checkKey(key)))
  return status < 0 ? status : checkTree(parents, tokens, m, vocab)
}

function checkDraft(
  m: i32, draftLogits: usize, draftRows: i32, draftRow: usize, vocab: i32, draftSampling: usize
): i32 {
  const status = both(check(draftRow, m, 4), checkSampling(draftSampling))
  if (status < 0) return status
  let needed = false
  for (let i = 0; i < m; i++) {
    if (at(draftRow, i) < -1 || at(draftRow, i) >= draftRows) return INVALID
    needed = needed || at(draftRow, i) >= 0
  }
  return needed ? checkRows(draftLogits, draftRows, vocab, 4) : 0
}

function checkVectors(acceptance: usize, levels: i32, ranks: i32, nodes: i32, depth: i32): i32 {
  if (levels < 1 || ranks < 1) return INVALID
  const status = checkRows(acceptance, levels, ranks, 8)
  return status < 0 ? status : checkPlan(acceptance, levels, ranks, nodes, depth)
}
