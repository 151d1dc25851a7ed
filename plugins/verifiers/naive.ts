/**
 * Plain speculative sampling (arXiv 2211.17192): the first child of each node is accepted with min(1, p/q), and on
 * rejection the token comes from what q leaves of p. The others are not read: for chains.
 */
import { drafted } from './drafted.js'

export const naive = drafted('naive', 'without-replacement')
