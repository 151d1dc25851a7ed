/**
 * Plans a budget and no shape: as many nodes as Sequoia's plan has, which the drafter places by the probabilities of
 * the tokens it draws (`plugins/drafters/best-first.ts`). For verifiers that allow it. Where the plan is no
 * speculation, so is this.
 */
import { sequoiaPlanner } from './sequoia.js'
import type { Planner } from '../../src/strategies/planner.js'

/**
 * A sampled child's chance to be right is about this share of its rank's acceptance plus that of its own q: under
 * coupling the first child is right far more often than its q says, the more so the surer the draft. Fitted on 576
 * positions of the micro pair at temperatures 0.5, 0.8 and 1.2 (within 0.1 of what was counted, for every rank and
 * eighth of q). A greedy child's chance is its q: on 751 positions of SmolLM2 and its draft, .18 where q is .1 to .2,
 * .32 at .3 to .45, .61 at .6 to .8, .88 above.
 */
const RANK_SHARE = 0.65
const Q_SHARE = 0.5

/** Levels that a grown tree may have beyond the planned one: where the draft is sure, deeper pays. */
const MORE_LEVELS = 2

export const dynamicPlanner: Planner = {
  name: 'dynamic',
  growth: 'dynamic',
  plan(core, context) {
    const planned = sequoiaPlanner.plan(core, context)
    if (planned.maxNodes === 1) return planned
    const [first] = context.acceptance
    return {
      maxNodes: planned.maxNodes,
      maxDepth: Math.min(context.maxDepth, planned.maxDepth + MORE_LEVELS),
      stepMs: context.stepMs,
      childChance: context.isGreedy
        ? (_, q) => q
        : (rank, q) => Math.min(1, RANK_SHARE * (first[rank] ?? 0) + Q_SHARE * q),
      anyChildChance: first[0],
    }
  },
}
