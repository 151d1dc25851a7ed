/**
 * SpecInfer's multi-step verification (arXiv 2305.09781): children drawn with replacement are accepted in turn with
 * min(1, p/q); each rejection takes q out of p. A repeated child is wasted, so it wins nowhere: it is here to be
 * compared with.
 */
import { drafted } from './drafted.js'

export const specinfer = drafted('specinfer', 'with-replacement')
