/**
 * Matching: the target draws its own token, and the walk goes on where a child is that token. Children are the draft's
 * likeliest, drawn without noise, so any tree is lossless. At temperature 0 it is greedy verification; above it accepts
 * less than the rules whose children are drawn, the less the higher the temperature.
 */
import type { Verifier } from '../../src/strategies/verifier.js'
import { walkByDraws } from './by-draws.js'

export const match = {
  name: 'match',
  draws: 'top-k',
  allowsDynamic: true,
  // The target's draw under coupling; a tree without noise of its own is coupled to nothing.
  verify: walkByDraws,
} as const satisfies Verifier
