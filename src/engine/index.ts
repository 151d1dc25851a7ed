/** The engine's public face. */
export { openEngine } from './open.js'
export type * from './types.js'
