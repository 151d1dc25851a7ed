// The planner's fast path for vectors that never rise with the rank. Then a node is worth at most its parent and its
// elder sibling, so the m nodes of greatest worth (product of acceptances down to it) within a depth always form a
// tree, and no tree of m nodes is worth more: they ARE the optimum. They come out of a heap in order of worth, each
// letting in its first child and its next sibling.
import { allocate, release } from './memory'
import { NO_MEMORY } from './status'

/**
 * A candidate: f64 worth, f64 worth of its parent, i32 parent (its place among the taken), i32 depth, i32 rank, i32
 * unused.
 */
const CANDIDATE: usize = 32

let candidates: usize = 0
let count: i32 = 0
/** i32 heap of candidates, the worthiest on top; the elder among equals. */
let heap: usize = 0
let size: i32 = 0
/** i32 [maxNodes]: the taken candidates in order. */
let taken: usize = 0

/** Whether every vector that a tree of this depth can use never rises. */
export function isMonotone(acceptance: usize, levels: i32, ranks: i32, depth: i32): bool {
  for (let level = 0; level < min(levels, depth); level++) {
    const vector = acceptance + (<usize>(level * ranks) << 3)
    for (let rank = 1; rank < ranks; rank++) {
      if (load<f64>(vector + (<usize>rank << 3)) > load<f64>(vector + (<usize>(rank - 1) << 3))) return false
    }
  }
  return true
}

/** Room for trees of this many nodes; give it back with `dropGreedy`. */
export function openGreedy(nodes: i32): i32 {
  const most = <u32>(2 * nodes + 2)
  candidates = allocate(most * <u32>CANDIDATE + most * 4 + <u32>nodes * 4)
  if (candidates == 0) return NO_MEMORY
  heap = candidates + <usize>most * CANDIDATE
  taken = heap + (<usize>most << 2)
  return 0
}

export function dropGreedy(): void {
  release(candidates)
}

/**
 * Takes the `nodes` worthiest nodes within `depth`; row[m] (f64, nodes + 1) is the worth of the first m, -infinity
 * where there are not as many. Returns the greatest depth taken.
 */
export function grow(acceptance: usize, levels: i32, ranks: i32, nodes: i32, depth: i32, row: usize): i32 {
  count = 0
  size = 0
  store<f64>(row, -Infinity)
  add(1, 1, -1, 0, 0)
  let sum: f64 = 0
  let deepest = 0
  let m = 0
  while (m < nodes && size > 0) {
    const best = pop()
    const at = candidate(best)
    const worth = load<f64>(at)
    const above = load<f64>(at, 8)
    const level = load<i32>(at, 20)
    const rank = load<i32>(at, 24)
    store<i32>(taken + (<usize>m << 2), best)
    sum += worth
    deepest = max(deepest, level)
    if (level > 0 && rank + 1 < ranks)
      add(above * chance(acceptance, levels, ranks, level - 1, rank + 1), above, load<i32>(at, 16), level, rank + 1)
    if (level < depth) add(worth * chance(acceptance, levels, ranks, level, 0), worth, m, level + 1, 0)
    m++
    store<f64>(row + (<usize>m << 3), sum)
  }
  for (m++; m <= nodes; m++) store<f64>(row + (<usize>m << 3), -Infinity)
  return deepest
}

/** Writes the parents of the tree last grown, in level order, siblings in rank order. `scratch` is i32 [3, nodes]. */
export function levelOrder(nodes: i32, parents: usize, scratch: usize): void {
  const nextSibling = scratch
  const firstChild = scratch + (<usize>nodes << 2)
  const order = firstChild + (<usize>nodes << 2)
  memory.fill(firstChild, 0, <usize>nodes << 2)
  // Siblings are taken in rank order: linked from the last, they come out first to last.
  for (let i = nodes - 1; i > 0; i--) {
    const parent = load<i32>(candidate(load<i32>(taken + (<usize>i << 2))), 16)
    const link = firstChild + (<usize>parent << 2)
    store<i32>(nextSibling + (<usize>i << 2), load<i32>(link))
    store<i32>(link, i)
  }
  store<i32>(order, 0)
  store<i32>(parents, -1)
  let filled = 1
  for (let i = 0; i < filled; i++) {
    const node = load<i32>(order + (<usize>i << 2))
    for (
      let child = load<i32>(firstChild + (<usize>node << 2));
      child != 0;
      child = load<i32>(nextSibling + (<usize>child << 2))
    ) {
      store<i32>(order + (<usize>filled << 2), child)
      store<i32>(parents + (<usize>filled << 2), i)
      filled++
    }
  }
}

// prettier-ignore
@inline function candidate(i: i32): usize { return candidates + <usize>i * CANDIDATE }
// prettier-ignore
@inline function worthOf(i: i32): f64 { return load<f64>(candidate(i)) }
// prettier-ignore
@inline function chance(acceptance: usize, levels: i32, ranks: i32, level: i32, rank: i32): f64 {
  return load<f64>(acceptance + (<usize>(min(level, levels - 1) * ranks + rank) << 3))
}
// prettier-ignore
@inline function before(a: i32, b: i32): bool { return worthOf(a) > worthOf(b) || (worthOf(a) == worthOf(b) && a < b) }
// prettier-ignore
@inline function place(i: i32): usize { return heap + (<usize>i << 2) }

function add(worth: f64, above: f64, parent: i32, level: i32, rank: i32): void {
  const at = candidate(count)
  store<f64>(at, worth)
  store<f64>(at, above, 8)
  store<i32>(at, parent, 16)
  store<i32>(at, level, 20)
  store<i32>(at, rank, 24)
  let i = size++
  while (i > 0) {
    const up = (i - 1) >> 1
    if (!before(count, load<i32>(place(up)))) break
    store<i32>(place(i), load<i32>(place(up)))
    i = up
  }
  store<i32>(place(i), count++)
}

function pop(): i32 {
  const best = load<i32>(place(0))
  const moving = load<i32>(place(--size))
  let i = 0
  for (;;) {
    let child = 2 * i + 1
    if (child >= size) break
    if (child + 1 < size && before(load<i32>(place(child + 1)), load<i32>(place(child)))) child++
    if (!before(load<i32>(place(child)), moving)) break
    store<i32>(place(i), load<i32>(place(child)))
    i = child
  }
  store<i32>(place(i), moving)
  return best
}
