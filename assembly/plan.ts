// The planner's face: the whole frontier of F(m, d), and the tree that reaches one of its cells.
import { allocate, release } from './memory'
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

/** out f64 [depth + 1, nodes + 1]: most expected tokens of exactly m nodes within d levels; -infinity where no such tree is. */
export function writeFrontier(acceptance: usize, levels: i32, ranks: i32, nodes: i32, depth: i32, out: usize): i32 {
  const status = buildTables(acceptance, levels, ranks, nodes, depth)
  if (status < 0) return status
  memory.copy(out, tableOf(0, 0), <usize>((depth + 1) * (nodes + 1)) << 3)
  dropTables()
  return 0
}

/** out i32 [nodes]: parents of the best tree of exactly this many nodes within this depth. */
export function writeTree(acceptance: usize, levels: i32, ranks: i32, nodes: i32, depth: i32, out: usize): i32 {
  // The vectors are read until the end, so the parents are copied out then: a host's overlapping arrays do no harm.
  const scratch = allocate(<u32>nodes * 12)
  if (scratch == 0) return NO_MEMORY
  let status = buildTables(acceptance, levels, ranks, nodes, depth)
  if (status == 0) {
    if (load<f64>(tableOf(0, depth) + (<usize>nodes << 3)) == -Infinity) status = INFEASIBLE
    else {
      extractTree(nodes, depth, scratch, scratch + (<usize>nodes << 2))
      memory.copy(out, scratch, <usize>nodes << 2)
    }
    dropTables()
  }
  release(scratch)
  return status
}
