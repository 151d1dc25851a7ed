/** The planners, by name. */
import type { Planner } from '../../src/strategies/planner.js'
import { dynamicPlanner } from './dynamic.js'
import { sequoiaPlanner } from './sequoia.js'

export const planners: ReadonlyMap<string, Planner> = new Map(
  [sequoiaPlanner, dynamicPlanner].map((planner) => [planner.name, planner]),
)
