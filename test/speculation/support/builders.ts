/** Policies and drafters for tests, with made-up times: no clock has a say. */
import { Core } from '../../../src/core/index.js'
import type { PassTimes } from '../../../src/speculation/pass-times.js'
import { Speculation, type SpeculationParts } from '../../../src/speculation/speculation.js'
import type { Drafter } from '../../../src/strategies/drafter.js'
import { planners } from '../../../plugins/planners/index.js'

/** A pass has room for some rows at little cost, then costs by the row: what processors do. */
export const TIMES: PassTimes = { rows: [1, 8, 16, 32, 128], baseMs: [10, 12, 15, 24, 80], slotMs: [0, 0, 0, 0, 0] }
export const LIMITS = { maxNodes: 64, maxRows: 128, maxDepth: 8 }

/** `acceptance`: [level][rank] what sequences start from. */
export function speculationOf(
  acceptance: readonly number[][] = [[0.6, 0.15, 0.05]],
  more: Partial<SpeculationParts> = {},
): Speculation {
  return new Speculation({
    core: Core.load(),
    planner: planners.get('sequoia')!,
    target: TIMES,
    overheadMs: () => 0,
    limits: LIMITS,
    acceptance: { greedy: acceptance, sampled: acceptance },
    ...more,
  })
}

/** One that is asked what it takes and never drafts. */
export function drafterOf(given: Partial<Drafter> = {}): Drafter {
  return {
    name: 'model',
    growth: 'static',
    begin: () => {
      throw new Error('this drafter is only planned for')
    },
    dispose: async () => {},
    ...given,
  }
}
