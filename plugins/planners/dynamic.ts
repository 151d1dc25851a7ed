/**
 * Plans a budget and no shape: as many nodes as Sequoia's plan has, which the drafter places by the probabilities of
 * the tokens it draws (`plugins/drafters/best-first.ts`). For verifiers that allow it. Where the plan is no
 * speculation, so is this.
 */
import { GROWN_CHANCE, SHAPES } from '../../src/strategies/policy.js'
import { sequoiaPlanner } from './sequoia.js'
import type { Planner } from '../../src/strategies/planner.js'

export const dynamicPlanner: Planner & { readonly name: 'dynamic' } = {
  name: 'dynamic',
  growth: 'dynamic',
  plan(core, context) {
    const planned = sequoiaPlanner.plan(core, context)
    if (planned.maxNodes === 1) return planned
    const [first] = context.acceptance
    return {
      maxNodes: planned.maxNodes,
      maxDepth: Math.min(context.maxDepth, planned.maxDepth + SHAPES.moreLevels),
      stepMs: context.stepMs,
      childChance: context.isGreedy
        ? (_, q) => q
        : (rank, q) => Math.min(1, GROWN_CHANCE.rank * (first[rank] ?? 0) + GROWN_CHANCE.q * q),
      anyChildChance: first[0],
    }
  },
}
