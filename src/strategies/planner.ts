/** `Planner`: which tree pays for its time, by what is known before its tokens are. */
import type { Core } from '../core/index.js'
import type { PlanOfOne } from './plan.js'

/** What a planner knows of one sequence. */
export interface PlanContext {
  /**
   * [level][rank] probability that the child of this rank (draw order) is the one accepted, by the level of its parent;
   * the last level serves all deeper ones.
   */
  acceptance: readonly Float64Array[]
  /** Whether the target's likeliest token is the one taken. */
  isGreedy: boolean
  /** Milliseconds of drafting a tree with this many nodes on each level. */
  draftMs(depth: number, widths: readonly number[]): number
  /** As a plan's. */
  stepMs(rows: number): number
  /** What others add to a step: milliseconds beyond this sequence's, and the tokens expected of them. */
  beside?: { ms: number; tokens: number }
  maxNodes: number
  maxDepth: number
}

/** Chooses a tree by what it is expected to bring for the time that it takes. */
export interface Planner {
  readonly name: string
  /**
   * `static`: plans shapes, blind to the tokens. `dynamic`: leaves the shape to the drafter, which looks at the tokens
   * it draws.
   */
  readonly growth: 'static' | 'dynamic'
  plan(core: Core, context: PlanContext): PlanOfOne
}
