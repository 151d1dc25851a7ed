/** The planners, by name. A planner is a file of this folder and a line here. */
import { registryOf, type Registry } from '../../src/strategies/registry.js'
import type { Planner } from '../../src/strategies/planner.js'
import { dynamicPlanner } from './dynamic.js'
import { sequoiaPlanner } from './sequoia.js'

/** In the order in which they are listed. */
const all = [sequoiaPlanner, dynamicPlanner] as const

/** Names of the planners that come with the package. */
export type PlannerName = (typeof all)[number]['name']

export const planners: Registry<Planner> = registryOf<Planner>(all)
