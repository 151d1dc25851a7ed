/**
 * Sequoia's planner: the dynamic program's best tree of every size and depth (arXiv 2402.12374, section 3.1), and of
 * those the one whose step, with all who share it, costs least per expected token with the times measured on this
 * machine (section 3.3). One node, no speculation, is one of the choices.
 */
import { choosePlan } from '../../src/core/index.js'
import type { Planner } from '../../src/strategies/planner.js'

/** Children per node that the planner considers; later ranks add next to nothing. */
const MAX_BRANCH = 8

/**
 * A tree must take at most this share of plain decoding's time per token. Estimates err by more, both ways; what trees
 * really gave has the last word (`src/speculation/worth.ts`).
 */
const LEAST_GAIN = 0.985

export const sequoiaPlanner: Planner = {
  name: 'sequoia',
  growth: 'static',
  plan(core, { acceptance, draftMs, stepMs, beside, maxNodes, maxDepth }) {
    const frontier = core.plan({ acceptance, maxNodes, maxDepth, maxBranch: MAX_BRANCH })
    const { nodes, depth, expectedTokens, ms } = choosePlan({
      frontier,
      targetMs: stepMs,
      draftMs,
      overheadMs: 0,
      beside,
    })
    const msPerToken = ms / expectedTokens
    if (!(msPerToken < LEAST_GAIN * stepMs(1)))
      return { shape: frontier.tree(1, 0), maxNodes: 1, maxDepth: 0, expectedTokens: 1, msPerToken: stepMs(1), stepMs }
    return { shape: frontier.tree(nodes, depth), maxNodes: nodes, maxDepth: depth, expectedTokens, msPerToken, stepMs }
  },
}
