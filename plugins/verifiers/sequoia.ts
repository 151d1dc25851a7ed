/**
 * Sequoia's verification (arXiv 2402.12374, section 3.2): children drawn without replacement are accepted in turn with
 * min(1, p/q); each rejection takes q out of p and the child out of q. Better than coupling on the first child.
 */
import { drafted } from './drafted.js'

export const sequoia = drafted('sequoia', 'without-replacement')
