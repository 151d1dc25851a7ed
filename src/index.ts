/** Public entry: open an engine, stream answers from it. */
export { openEngine } from './engine/index.js'
export type * from './engine/types.js'
export type { ChatMessage } from './model/text.js'
export type { Drafter, DraftRequest, DraftSession, DraftTree, Plan } from './plugin/index.js'
export type { TokenTree, Verdict } from './core/types.js'
export * from './errors.js'
