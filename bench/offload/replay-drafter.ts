/**
 * Replays a measured acceptance vector: a drafter whose guesses are right as often as the vector says. The answer is
 * known beforehand (requests bias one token above all others), so at each node on the right path it draws which child
 * is to be right and gives that one the known token. Everything else is what it always is: the planner's search over
 * the times measured here, the target's pass over the tree, the walk through the logits.
 */
import { setTimeout } from 'node:timers/promises'
import { choosePlan, Core } from '../../src/core/index.js'
import type { Drafter, DraftSession } from '../../src/strategies/drafter.js'
import type { Plan } from '../../src/strategies/plan.js'
import type { DraftTree } from '../../src/strategies/tree.js'

export interface Replay {
  name: string
  /**
   * [rank] probability that the child of this rank is the accepted one; or one vector per level, the last serving all
   * deeper ones.
   */
  vectors: readonly Float64Array[]
  /** The token that the answer consists of. */
  token: number
  /** Milliseconds that drafting a level of so many nodes takes, for plans. */
  levelMs(width: number): number
  /** Takes the time of drafting a level of so many nodes; it waits for `levelMs` if left out. */
  spend?(width: number): Promise<void>
  maxDepth: number
}

/** Children of a node that the planner considers. */
const MAX_BRANCH = 32
/** Trees of one plan: times of passes change slowly, and a search takes as long as a pass of a GPU. */
const TREES_A_PLAN = 32

export function replayDrafter(replay: Replay): Drafter {
  return { name: replay.name, growth: 'deterministic', begin: () => new ReplayDraft(replay), dispose: async () => {} }
}

class ReplayDraft implements DraftSession {
  private readonly core = Core.load()
  private draws = 0
  private planned: { limits: string; parents: Int32Array; left: number } | null = null

  constructor(private readonly replay: Replay) {}

  async prepare(): Promise<void> {}
  commit(): void {}
  release(): void {}

  async draft(history: readonly number[], plan: Plan): Promise<DraftTree> {
    const parents = plan.shape?.parents ?? this.planFor(plan)
    const tree = this.fill(parents, history[history.length - 1])
    const { levelMs, spend } = this.replay
    const levels = widthsOf(tree.depths).slice(0, -1)
    if (spend) for (const width of levels) await spend(width)
    else await setTimeout(levels.reduce((sum, width) => sum + levelMs(width), 0))
    return tree
  }

  private planFor(plan: Plan): Int32Array {
    const limits = `${plan.maxNodes} ${plan.maxDepth}`
    if (this.planned?.limits !== limits || this.planned.left-- <= 0)
      this.planned = { limits, parents: this.shape(plan), left: TREES_A_PLAN - 1 }
    return this.planned.parents
  }

  /**
   * The paper's choice of size and depth (section 3.3), as the engine's planner makes it for drafts with probabilities.
   */
  private shape(plan: Plan): Int32Array {
    const { vectors, levelMs, maxDepth } = this.replay
    const frontier = this.core.plan({
      acceptance: vectors,
      maxNodes: plan.maxNodes,
      maxDepth: Math.min(maxDepth, plan.maxDepth),
      maxBranch: MAX_BRANCH,
    })
    const { nodes, depth } = choosePlan({
      frontier,
      targetMs: (rows) => plan.stepMs(rows),
      draftMs: (_, widths) => widths.slice(0, -1).reduce((sum, width) => sum + levelMs(width), 0),
      overheadMs: 0,
    })
    return frontier.tree(nodes, depth).parents
  }

  /** One path of the tree is right, as far as the draws go; all other nodes get tokens that are not. */
  private fill(parents: Int32Array, root: number): DraftTree {
    const tokens = new Int32Array(parents.length)
    const depths = new Int32Array(parents.length)
    const ranks = new Int32Array(parents.length)
    tokens[0] = root
    let onPath = 0
    let rightRank = this.draw(0)
    for (let node = 1; node < parents.length; node++) {
      const parent = parents[node]
      depths[node] = depths[parent] + 1
      const rank = ranks[parent]++
      const isRight = parent === onPath && rank === rightRank
      tokens[node] = isRight ? this.replay.token : this.wrong(rank)
      if (isRight) {
        onPath = node
        rightRank = this.draw(depths[node])
      }
    }
    return { parents, tokens, depths }
  }

  /** Siblings differ. */
  private wrong(rank: number): number {
    return rank < this.replay.token ? rank : rank + 1
  }

  /** The rank of the child that is to be right below a node of this depth; beyond all ranks where none is. */
  private draw(depth: number): number {
    const { vectors } = this.replay
    const vector = vectors[Math.min(depth, vectors.length - 1)]
    let left = uniform(this.draws++)
    const rank = vector.findIndex((p) => (left -= p) < 0)
    return rank < 0 ? vector.length : rank
  }
}

/** [depth + 1] nodes of each level; `depths` is in level order. */
function widthsOf(depths: Int32Array): number[] {
  const widths: number[] = []
  for (const depth of depths) widths[depth] = (widths[depth] ?? 0) + 1
  return widths
}

/** The same numbers in every run, in 0..1. */
function uniform(counter: number): number {
  let z = (counter + 1) * 0x9e3779b9
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
  return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32
}
