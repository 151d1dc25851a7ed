// The planner's face: the whole frontier of F(m, d), and the tree that reaches one of its cells.
import { allocate, release } from './memory'
import { dropGreedy, grow, isMonotone, levelOrder, openGreedy } from './plan-greedy'
import { buildTables, dropTables, extractTree, tableOf } from './plan-dp'
import { INFEASIBLE, INVALID, NO_MEMORY } from './status'

const MOST_NODES: i32 = 4096
const MOST_DEPTH: i32 = 256

/** 0 for sizes in range and probabilities in [0, 1]. */
export function checkPlan(acceptance: usize, levels: i32, ranks: i32, nodes: i32, depth: i32): i32 {
  if (nodes < 1 || nodes > MOST_NODES || depth < 0 || depth > MOST_DEPTH) return INVALID
  for (let i = 0; i < levels * ranks; i++) {
    const p = load<f64>(acceptance + (<usize>i << 3))
    if (!(p >= 0 && p <= 1)) return INVALID
  }
  return 0
}

/**
 * out f64 [depth + 1, nodes + 1]: most expected tokens of exactly m nodes within d levels; -infinity where no such tree
 * is.
 */
export function writeFrontier(acceptance: usize, levels: i32, ranks: i32, nodes: i32, depth: i32, out: usize): i32 {
  if (isMonotone(acceptance, levels, ranks, depth)) return writeGreedily(acceptance, levels, ranks, nodes, depth, out)
  const status = buildTables(acceptance, levels, ranks, nodes, depth)
  if (status < 0) return status
  memory.copy(out, tableOf(0, 0), (<usize>((depth + 1) * (nodes + 1))) << 3)
  dropTables()
  return 0
}

function writeGreedily(acceptance: usize, levels: i32, ranks: i32, nodes: i32, depth: i32, out: usize): i32 {
  const rowBytes = (<usize>(nodes + 1)) << 3
  const rows = allocate((<u32>((depth + 1) * (nodes + 1))) << 3)
  if (rows == 0) return NO_MEMORY
  const status = openGreedy(nodes)
  if (status == 0) {
    let deepest = 0
    for (let d = 0; d <= depth; d++) {
      // Once the worthiest trees do not reach the depth they may have, more of it changes nothing.
      if (d > 0 && deepest < d - 1) memory.copy(rows + <usize>d * rowBytes, rows + <usize>(d - 1) * rowBytes, rowBytes)
      else deepest = grow(acceptance, levels, ranks, nodes, d, rows + <usize>d * rowBytes)
    }
    dropGreedy()
    memory.copy(out, rows, <usize>(depth + 1) * rowBytes)
  }
  release(rows)
  return status
}

/** out i32 [nodes]: parents of the best tree of exactly this many nodes within this depth. */
export function writeTree(acceptance: usize, levels: i32, ranks: i32, nodes: i32, depth: i32, out: usize): i32 {
  // The vectors are read until the end, so the parents are copied out then: a host's overlapping arrays do no harm.
  const parents = allocate(<u32>nodes << 4)
  if (parents == 0) return NO_MEMORY
  const scratch = parents + (<usize>nodes << 2)
  const status = isMonotone(acceptance, levels, ranks, depth)
    ? treeGreedily(acceptance, levels, ranks, nodes, depth, parents, scratch)
    : treeByTables(acceptance, levels, ranks, nodes, depth, parents, scratch)
  if (status == 0) memory.copy(out, parents, <usize>nodes << 2)
  release(parents)
  return status
}

function treeGreedily(
  acceptance: usize,
  levels: i32,
  ranks: i32,
  nodes: i32,
  depth: i32,
  parents: usize,
  scratch: usize,
): i32 {
  const row = allocate((<u32>(nodes + 1)) << 3)
  if (row == 0) return NO_MEMORY
  let status = openGreedy(nodes)
  if (status == 0) {
    grow(acceptance, levels, ranks, nodes, depth, row)
    if (load<f64>(row + (<usize>nodes << 3)) == -Infinity) status = INFEASIBLE
    else levelOrder(nodes, parents, scratch)
    dropGreedy()
  }
  release(row)
  return status
}

function treeByTables(
  acceptance: usize,
  levels: i32,
  ranks: i32,
  nodes: i32,
  depth: i32,
  parents: usize,
  scratch: usize,
): i32 {
  const status = buildTables(acceptance, levels, ranks, nodes, depth)
  if (status < 0) return status
  const feasible = load<f64>(tableOf(0, depth) + (<usize>nodes << 3)) > -Infinity
  if (feasible) extractTree(nodes, depth, parents, scratch)
  dropTables()
  return feasible ? 0 : INFEASIBLE
}
