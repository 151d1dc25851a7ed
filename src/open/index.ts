/** Opening an engine: the public door of this room. */
export { openEngine } from './open-engine.js'
