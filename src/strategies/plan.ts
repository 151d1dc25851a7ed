/** What one step of one sequence may spend on its tree. A planner makes most of it, the policy the rest. */
import type { TreeShape } from '../core/types.js'

/** With a `shape` the drafter fills exactly that tree (or a part of it); without, it grows its own. */
export interface Plan {
  /** Fixed shape in level order; a shape of one node means no speculation. */
  shape?: TreeShape
  /** Most nodes, root included. */
  maxNodes: number
  /** Most levels below the root. */
  maxDepth: number
  /** Most rows of the draft's logits that this tree's q's may take; others belong to trees of the same step. */
  maxQRows: number
  /** Sequences that share the step's passes, draft passes too: each pays its part. */
  among: number
  /** Expected tokens of a step with the shape. */
  expectedTokens?: number
  /** Expected milliseconds per token with the shape; with no speculation, plain decoding's. */
  msPerToken?: number
  /** Bounds of a tree of guesses in place of the shape, for drafters that make some. */
  guess?: Pick<Plan, 'maxNodes' | 'maxDepth' | 'stepMs'>
  /**
   * Expected milliseconds of a step with this many rows of this sequence's in its target pass, at the present context
   * length. Where others share the step: ms(step) - ms(the same step, this sequence decoding plainly) + this one's part
   * of that, so that a row costs what it adds to the pass.
   */
  stepMs(rows: number): number
  /**
   * For trees grown without a shape: chance that the walk goes on to a child of this rank, to which the draft gives
   * probability q, once it is at its parent. Absent: q.
   */
  childChance?(rank: number, q: number): number
  /** For the same: chance that the walk goes on to any child of a node, before they are drawn. */
  anyChildChance?: number
}

/** A plan as a planner leaves it: what the step's sequences share is filled in behind it. */
export type PlanOfOne = Omit<Plan, 'maxQRows' | 'among'>

/** The tree of plain decoding: a root and nothing below it. */
export const ROOT_ONLY: TreeShape = { parents: Int32Array.of(-1) }
