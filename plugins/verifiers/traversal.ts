/**
 * Traversal verification (arXiv 2505.12398): whole paths are judged from their leaves up, so a token that is unlikely
 * alone may be kept with a likely continuation. Accepts at least as many tokens as Sequoia's rule on average; most on
 * deep trees.
 */
import { drafted } from './drafted.js'

export const traversal = drafted('traversal', 'without-replacement')
