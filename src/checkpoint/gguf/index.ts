export { beside, openGguf } from './open-gguf.js'
export { partsOf } from './split.js'
