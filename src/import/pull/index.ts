export { knownModels } from './known-models.js'
export { pull, pullModel, type PullOptions } from './pull.js'
export type { KnownModel, PullContext, PullSource } from './source.js'
