/**
 * Plans no shape: the drafter grows each step's tree by the probabilities of the tokens it draws, within these bounds
 * (`plugins/drafters/best-first.ts`). For verifiers that allow it.
 */
import type { Planner } from '../../src/plugin/index.js'

export const dynamicPlanner: Planner = {
  name: 'dynamic',
  growth: 'dynamic',
  plan: (_core, { stepMs, maxNodes, maxDepth }) => ({ maxNodes, maxDepth, stepMs }),
}
