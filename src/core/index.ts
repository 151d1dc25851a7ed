/** The wasm core's typed face. */
export { Core } from './core.js'
export { choosePlan, levelWidths, type ChosenPlan, type ChooseRequest } from './choose-plan.js'
export type { Frontier, PlanRequest } from './frontier.js'
export type * from './types.js'
