export { NumberText } from './number-text.js'
export { mapMembers, ordered } from './ordered.js'
export { parseJson, writeJson } from './parse.js'
export { isJsonWithin } from './size.js'
