/**
 * Which nodes a tree gets while it is drafted (EAGLE-2, arXiv 2406.16858; OPT-Tree, 2406.17276): a node is worth the
 * product of its path's chances to be right, as the draft's own probabilities tell them. Levels are drafted as long as
 * that may pay, then the tree keeps its worthiest nodes, as many as give most expected tokens per millisecond. The
 * choice looks at the tokens drawn, so only rules in which the target's draw owes the tree nothing keep the
 * distribution (`allowsDynamic`).
 */
import { GrowingTree } from '../../src/strategies/growing-tree.js'

export interface Costs {
  /** Milliseconds of a step with this many nodes, without drafting. */
  stepMs(nodes: number): number
  /** Milliseconds of one draft pass over this many nodes. */
  passMs(nodes: number): number
  /** Chance that one of a node's children that are not drafted yet is right and kept. */
  chance: number
}

export class BestFirst {
  /** [node] chance that the walk gets there; 1 for the root. */
  private readonly worth: number[] = [1]
  /** Milliseconds of the draft passes so far. */
  private draftedMs: number

  constructor(
    private readonly maxNodes: number,
    private readonly costs: Costs,
  ) {
    this.draftedMs = costs.passMs(1)
  }

  /** A node was added under `parent`; `chance` is that of being right once the walk is at its parent. */
  add(parent: number, chance: number): void {
    this.worth.push(this.worth[parent] * chance)
  }

  /**
   * Of a level's nodes those to draft on from, at most `most`: they must be among the nodes the tree would keep, and
   * what their children promise must not cost more per token, a row each and the draft's pass, than the step so far.
   */
  expand(level: readonly number[], most: number): number[] {
    const { stepMs, passMs, chance } = this.costs
    const { nodes: size, tokensPerMs } = this.best()
    const kept = new Set(this.ranked().slice(0, this.maxNodes))
    const nodes = level
      .filter((node) => kept.has(node))
      .sort((a, b) => this.worth[b] - this.worth[a])
      .slice(0, most)
    let gain = 0
    let count = 0
    for (const [i, node] of nodes.entries()) {
      gain += this.worth[node] * chance
      if (gain >= tokensPerMs * (passMs(i + 1) + stepMs(size + i + 1) - stepMs(size))) count = i + 1
    }
    if (count > 0) this.draftedMs += passMs(count)
    return nodes.slice(0, count).sort((a, b) => a - b)
  }

  /** Nodes to keep, ascending. A node is worth no more than its parent, so they form a tree. */
  keep(): number[] {
    return this.ranked()
      .slice(0, this.best().nodes)
      .sort((a, b) => a - b)
  }

  private best(): { nodes: number; tokensPerMs: number } {
    let tokens = 0
    let best = { nodes: 1, tokensPerMs: 0 }
    for (const [i, node] of this.ranked().slice(0, this.maxNodes).entries()) {
      tokens += this.worth[node]
      const tokensPerMs = tokens / (this.draftedMs + this.costs.stepMs(i + 1))
      if (tokensPerMs > best.tokensPerMs) best = { nodes: i + 1, tokensPerMs }
    }
    return best
  }

  /** All nodes, the worthiest first; the elder of equals, so that parents stand before their children. */
  private ranked(): number[] {
    return Array.from(this.worth.keys()).sort((a, b) => this.worth[b] - this.worth[a] || a - b)
  }
}

/** The tree of the kept nodes alone, in their order. */
export function pruned(tree: GrowingTree, kept: readonly number[]): GrowingTree {
  const smaller = new GrowingTree(tree.tokens[0])
  const place = new Map(kept.map((node, i) => [node, i]))
  smaller.qRows[0] = tree.qRows[0]
  for (const node of kept.slice(1))
    smaller.qRows[smaller.add(place.get(tree.parents[node])!, tree.tokens[node])] = tree.qRows[node]
  return smaller
}
