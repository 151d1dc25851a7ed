/** Shapes of trees that are compared, [nodes] parents in level order, and how far a path of accepted ranks leads. */
import type { Core } from '../../src/core/index.js'

/** Levels of a path that are looked at: deeper ones are not, by any shape. */
export const MOST_LEVELS = 24
/** Children of a node that are drawn. */
export const MOST_RANKS = 64
/** Depth of each of k independent chains (SpecInfer's expansions, arXiv 2305.09781). */
const CHAIN_LEVELS = 8

/** Every node has one child. */
export function chain(nodes: number): Int32Array {
  return Int32Array.from({ length: Math.min(nodes, MOST_LEVELS + 1) }, (_, i) => i - 1)
}

/** As many chains of eight as there is room for, from children of the root; the last one may be shorter. */
export function chains(nodes: number): Int32Array {
  const count = Math.min(MOST_RANKS, Math.max(1, Math.ceil((nodes - 1) / CHAIN_LEVELS)))
  const most = Math.min(nodes, 1 + count * CHAIN_LEVELS)
  return Int32Array.from({ length: most }, (_, i) => (i === 0 ? -1 : Math.max(0, i - count)))
}

/** The first nodes of a complete tree whose nodes have `branches` children. */
export function complete(nodes: number, branches: number): Int32Array {
  return Int32Array.from({ length: nodes }, (_, i) => (i === 0 ? -1 : Math.floor((i - 1) / branches)))
}

/** The dynamic program's best tree (arXiv 2402.12374, section 3.1) of at most so many levels. */
export function best(
  core: Core,
  acceptance: readonly Float64Array[],
  nodes: number,
  levels = MOST_LEVELS,
): { parents: Int32Array; expectedTokens: number } {
  const maxDepth = Math.min(levels, nodes - 1)
  const frontier = core.plan({ acceptance, maxNodes: nodes, maxDepth, maxBranch: MOST_RANKS })
  return frontier.tree(nodes, maxDepth)
}

/** The first child of each node, and the next child of its parent; 0 where there is none. */
interface Links {
  first: Int32Array
  next: Int32Array
}

export function linksOf(parents: Int32Array): Links {
  const first = new Int32Array(parents.length)
  const next = new Int32Array(parents.length)
  for (let node = parents.length - 1; node > 0; node--) {
    next[node] = first[parents[node]]
    first[parents[node]] = node
  }
  return { first, next }
}

/**
 * Tokens of a step with this tree where `ranks[d]` is the rank of the accepted child at depth d; -1: none of those
 * drawn. Exact for rules that go from the root down and try children in order.
 */
export function tokensAlong({ first, next }: Links, ranks: ArrayLike<number>): number {
  let node = 0
  for (let depth = 0; depth < ranks.length; depth++) {
    if (ranks[depth] < 0) return depth + 1
    node = first[node]
    for (let rank = 0; rank < ranks[depth] && node > 0; rank++) node = next[node]
    if (node === 0) return depth + 1
  }
  return ranks.length + 1
}
