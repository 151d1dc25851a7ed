/** Public entry: open an engine, stream answers from it. */
export { openEngine } from './engine/index.js'
export type * from './engine/types.js'
export type { ChatMessage } from './model/text.js'
export * from './errors.js'
