/** Public entry: open an engine, stream answers from it. */
export { openEngine } from './open/index.js'
export type * from './api/types.js'
export type { ChatMessage } from './text/text.js'
export type { Drafter, DraftRequest, DraftSession, DraftTree, Plan } from './strategies/strategies.js'
export type { TokenTree, Verdict } from './core/types.js'
export * from './spec/errors.js'
