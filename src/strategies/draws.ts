/**
 * How the children of a node are drawn from the draft's q. Who draws them and who verifies them must agree on it, or
 * the rules that read q are biased.
 */
import type { DraftNoise, Sampling } from '../core/types.js'

/** A verifier is lossless only for the draws it names. */
export type Draws = 'coupled' | 'without-replacement' | 'with-replacement' | 'top-k'

/** The core's word for each. */
export const NOISE_OF: Readonly<Record<Draws, DraftNoise>> = {
  coupled: 'coupled',
  'without-replacement': 'independent',
  'with-replacement': 'with-replacement',
  'top-k': 'top-k',
}

/** The transforms of q: only the temperature. Truncating q too would leave planned branches without tokens. */
export function draftSampling({ temperature }: Sampling): Sampling {
  return { temperature, topK: 0, topP: 1, minP: 0 }
}
