/**
 * By which transforms a draft's tokens are drawn: who draws them and who verifies the draws must agree, or the rules
 * that read q are biased.
 */
import type { Sampling } from '../core/types.js'

/** q keeps only the temperature: truncating it too would leave planned branches without tokens. */
export function draftSampling({ temperature }: Sampling): Sampling {
  return { temperature, topK: 0, topP: 1, minP: 0 }
}
