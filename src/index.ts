/** Public entry: open an engine, stream answers from it. */
export { openEngine } from './open/index.js'
export { openBatches, type BatchService, type BatchServiceOptions } from './scale/batch-service.js'
export type * from './api/types.js'
export type { Drafter, DraftRequest, DraftSession } from './strategies/drafter.js'
export type { Plan } from './strategies/plan.js'
export type { DraftTree } from './strategies/tree.js'
export type { TokenTree, Verdict } from './core/types.js'
export * from './spec/errors.js'
