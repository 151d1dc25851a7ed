/**
 * Byte-pair merging: of all neighbours that join, those with the lowest rank are joined first, the leftmost of equal
 * ones, until none is left. The time is O(n log n) in the length of the text.
 */
import { MergeQueue } from './merge-queue.js'
import type { Pairs } from './pair-table.js'

const queue = new MergeQueue()
/** [symbols] where the following and the preceding symbol stand, and the rank of the pair that begins here, or -1. */
let next = new Int32Array(64)
let before = new Int32Array(64)
let offered = new Int32Array(64)

/** Joins the first `count` of `symbols` in their place; returns how many are left. */
export function joinPairs(symbols: Int32Array, count: number, pairs: Pairs): number {
  if (count < 2) return count
  fit(count)
  for (let at = 0; at < count; at++) {
    next[at] = at + 1
    before[at] = at - 1
    offer(symbols, at, count, pairs)
  }
  while (queue.pop()) {
    const { rank, place: left } = queue
    // Another pair begins here since.
    if (offered[left] !== rank) continue
    const right = next[left]
    const end = next[right]
    const pair = pairs.find(symbols[left], symbols[right])
    symbols[left] = pairs.joined[pair]
    offered[right] = -1
    next[left] = end
    if (end < count) before[end] = left
    offer(symbols, left, count, pairs)
    if (before[left] >= 0) offer(symbols, before[left], count, pairs)
  }
  let kept = 0
  for (let at = 0; at < count; at = next[at]) symbols[kept++] = symbols[at]
  queue.clear()
  return kept
}

function offer(symbols: Int32Array, left: number, count: number, pairs: Pairs): void {
  const right = next[left]
  const found = right < count ? pairs.find(symbols[left], symbols[right]) : -1
  offered[left] = found < 0 ? -1 : pairs.ranks[found]
  if (offered[left] >= 0) queue.push(offered[left], left)
}

/** Buffers as long as the text needs; those of a very long one are not kept. */
function fit(count: number): void {
  if (next.length >= count && next.length <= Math.max(count, 2 ** 16)) return
  const length = Math.max(64, 2 ** Math.ceil(Math.log2(count)))
  next = new Int32Array(length)
  before = new Int32Array(length)
  offered = new Int32Array(length)
}
