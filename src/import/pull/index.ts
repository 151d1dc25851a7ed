export { knownModels } from './known-models.js'
export { modelNamed, pull, pullModel, type PullOptions } from './pull.js'
export type { KnownModel, PullContext, PullSource } from './source.js'
