/** The engine's public face. */
export { openEngine } from '../open/open-engine.js'
export type * from '../api/types.js'
