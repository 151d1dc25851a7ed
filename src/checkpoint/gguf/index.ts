export { openGguf } from './open-gguf.js'
