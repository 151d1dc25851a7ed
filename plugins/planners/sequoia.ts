/**
 * Sequoia's planner: the dynamic program's best tree of every size and depth (arXiv 2402.12374, section 3.1), and of
 * those the one whose step, with all who share it, costs least per expected token with the times measured on this
 * machine (section 3.3). One node, no speculation, is one of the choices.
 */
import { choosePlan } from '../../src/core/index.js'
import { ROOT_ONLY } from '../../src/strategies/plan.js'
import { SHAPES } from '../../src/strategies/policy.js'
import type { Planner } from '../../src/strategies/planner.js'

export const sequoiaPlanner: Planner & { readonly name: 'sequoia' } = {
  name: 'sequoia',
  growth: 'static',
  plan(core, { acceptance, draftMs, stepMs, beside, maxNodes, maxDepth }) {
    const frontier = core.plan({ acceptance, maxNodes, maxDepth, maxBranch: SHAPES.mostBranches })
    const { nodes, depth, expectedTokens, ms } = choosePlan({
      frontier,
      targetMs: stepMs,
      draftMs,
      overheadMs: 0,
      beside,
    })
    const msPerToken = ms / expectedTokens
    if (!(msPerToken < stepMs(1)))
      return { shape: ROOT_ONLY, maxNodes: 1, maxDepth: 0, expectedTokens: 1, msPerToken: stepMs(1), stepMs }
    return { shape: frontier.tree(nodes, depth), maxNodes: nodes, maxDepth: depth, expectedTokens, msPerToken, stepMs }
  },
}
