// Sequoia's dynamic program (arXiv 2402.12374, section 3.1), exact for any acceptance vector. F(m, r) is the most
// expected tokens of a tree of exactly m nodes with at most r levels below its root; a node's children take ranks 0, 1,
// ... without gaps:
//   F(m, r) = 1 + G(0, m - 1),   G(b, n) = max over s = 1 .. n of p[b] F(s, r - 1) + G(b + 1, n - s),   G(b, 0) = 0,
// G(b, n): the best n nodes under ranks b and up. A vector for each level of the parent; the last serves all deeper
// ones.
import { allocate, release } from './memory'
import { NO_MEMORY } from './status'

/** acceptance f64 [levels, ranks] of the last `buildTables`. */
let acceptance: usize = 0
let levels: i32 = 0
let ranks: i32 = 0
let maxNodes: i32 = 0
let maxDepth: i32 = 0
/** F as f64 [levels, maxDepth + 1, maxNodes + 1]; -infinity where no such tree is. */
let tables: usize = 0
/** G as f64 [ranks + 1, maxNodes + 1]. */
let groups: usize = 0

// prettier-ignore
@inline function stride(): usize { return <usize>(maxNodes + 1) << 3 }
// prettier-ignore
@inline function group(rank: i32): usize { return groups + <usize>rank * stride() }
// prettier-ignore
@inline function get(row: usize, i: i32): f64 { return load<f64>(row + (<usize>i << 3)) }
// prettier-ignore
@inline function set(row: usize, i: i32, value: f64): void { store<f64>(row + (<usize>i << 3), value) }

/** F(., depth) of subtrees whose root is at `level`, f64 [maxNodes + 1]. */
export function tableOf(level: i32, depth: i32): usize {
  return tables + <usize>(min(level, levels - 1) * (maxDepth + 1) + depth) * stride()
}

/** Computes every F(m, r) for m <= nodes, r <= depth. Give the memory back with `dropTables`. */
export function buildTables(vectors: usize, levelCount: i32, rankCount: i32, nodes: i32, depth: i32): i32 {
  acceptance = vectors
  levels = min(levelCount, max(depth, 1))
  ranks = min(rankCount, max(nodes - 1, 1))
  rankStride = rankCount
  maxNodes = nodes
  maxDepth = depth
  const cells = <u64>levels * (depth + 1) * (nodes + 1) + <u64>(ranks + 2) * (nodes + 1)
  tables = cells < 0x1000_0000 ? allocate(<u32>(cells << 3)) : 0
  if (tables == 0) return NO_MEMORY
  groups = tables + <usize>(levels * (depth + 1)) * stride()
  for (let level = levels - 1; level >= 0; level--) buildLevel(level)
  return 0
}

export function dropTables(): void {
  release(tables)
}

/** Distance between the vectors of two levels: they may be longer than the ranks in use. */
let rankStride: i32 = 0

function buildLevel(level: i32): void {
  const single = tableOf(level, 0)
  for (let m = 0; m <= maxNodes; m++) set(single, m, m == 1 ? 1 : -Infinity)
  // With the same children's table up to M, the same G up to M and the same F up to M + 1: only what lies beyond is
  // computed anew.
  let same = 0
  for (let depth = 1; depth <= maxDepth - level; depth++) {
    const below = tableOf(level + 1, depth - 1)
    if (depth == 1) clearGroups(maxNodes)
    else same = samePrefix(below, tableOf(level + 1, depth - 2))
    fillGroups(level, below, same + 1, maxNodes - 1)
    const row = tableOf(level, depth)
    set(row, 0, -Infinity)
    for (let m = 1; m <= maxNodes; m++) set(row, m, 1 + get(group(0), m - 1))
  }
}

/** Greatest M such that both rows agree on 0 .. M. */
function samePrefix(a: usize, b: usize): i32 {
  let m = 0
  while (m < maxNodes && get(a, m + 1) == get(b, m + 1)) m++
  return m
}

function clearGroups(upTo: i32): void {
  for (let rank = 0; rank <= ranks; rank++) {
    const row = group(rank)
    set(row, 0, 0)
    for (let n = 1; n <= upTo; n++) set(row, n, -Infinity)
  }
}

/** G(b, n) for n = first .. last and every rank, over the children's table `below`; smaller n must hold already. */
function fillGroups(level: i32, below: usize, first: i32, last: i32): void {
  const values = group(ranks + 1)
  const vector = acceptance + (<usize>(min(level, levels - 1) * rankStride) << 3)
  for (let rank = ranks - 1; rank >= 0; rank--) {
    const p = get(vector, rank)
    let sizes = 0
    for (let s = 1; s <= last; s++) {
      const value = get(below, s)
      // Trees of a size exist up to a greatest size: beyond it none does.
      if (value == -Infinity) break
      set(values, s, p * value)
      sizes = s
    }
    maxPlus(group(rank), group(rank + 1), values, sizes, first, last)
  }
}

/** row[n] = max over s = 1 .. min(n, sizes) of values[s] + next[n - s], for n = first .. last. */
function maxPlus(row: usize, next: usize, values: usize, sizes: i32, first: i32, last: i32): void {
  let n = first
  for (; n + 3 <= last; n += 4) {
    let best0 = f64x2.splat(-Infinity)
    let best1 = best0
    const shared = min(sizes, n)
    for (let s = 1; s <= shared; s++) {
      const value = v128.load64_splat(values + (<usize>s << 3))
      const from = next + (<usize>(n - s) << 3)
      best0 = f64x2.pmax(best0, f64x2.add(value, v128.load(from)))
      best1 = f64x2.pmax(best1, f64x2.add(value, v128.load(from, 16)))
    }
    const at = row + (<usize>n << 3)
    v128.store(at, best0)
    v128.store(at, best1, 16)
    // Sizes above n fit only into the later of the four.
    for (let i = n + 1; i <= n + 3; i++) {
      for (let s = shared + 1; s <= min(sizes, i); s++) set(row, i, max(get(row, i), get(values, s) + get(next, i - s)))
    }
  }
  for (; n <= last; n++) {
    let best: f64 = -Infinity
    for (let s = 1; s <= min(sizes, n); s++) best = max(best, get(values, s) + get(next, n - s))
    set(row, n, best)
  }
}

/**
 * Writes the parents of the best tree of `nodes` nodes and `depth` levels, in level order, children in rank order.
 * `sizes` is scratch of i32 [2, nodes]. The choices are found again by comparing sums: the same sums, so equal to the
 * last bit.
 */
export function extractTree(nodes: i32, depth: i32, parents: usize, scratch: usize): void {
  const sizes = scratch
  const depths = scratch + (<usize>nodes << 2)
  store<i32>(parents, -1)
  store<i32>(sizes, nodes)
  store<i32>(depths, 0)
  let count = 1
  for (let node = 0; node < count; node++) {
    let left = load<i32>(sizes + (<usize>node << 2)) - 1
    if (left == 0) continue
    const level = load<i32>(depths + (<usize>node << 2))
    const below = tableOf(level + 1, depth - level - 1)
    const vector = acceptance + (<usize>(min(level, levels - 1) * rankStride) << 3)
    clearGroups(left)
    fillGroups(level, below, 1, left)
    for (let rank = 0; left > 0; rank++) {
      const p = get(vector, rank)
      const wanted = get(group(rank), left)
      let s = 1
      while (s < left && p * get(below, s) + get(group(rank + 1), left - s) != wanted) s++
      store<i32>(parents + (<usize>count << 2), node)
      store<i32>(sizes + (<usize>count << 2), s)
      store<i32>(depths + (<usize>count << 2), level + 1)
      count++
      left -= s
    }
  }
}
