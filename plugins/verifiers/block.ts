/**
 * Block verification (arXiv 2403.10444): traversal verification on a chain (every node's first child). The best rule
 * there is for a single path.
 */
import { drafted } from './drafted.js'

export const block = drafted('block', 'without-replacement')
