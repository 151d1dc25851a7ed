/**
 * Coupled verification (Gumbel coupling, arXiv 2408.07978; lists of drafts, arXiv 2506.05632): at each node the target
 * draws its own token with the seed's noise, and the walk goes on where a child has guessed it. The text depends on the
 * seed alone, never on the tree, so every tree is lossless.
 */
import type { Verifier } from '../../src/strategies/verifier.js'
import { walkByDraws } from './by-draws.js'

export const coupled = {
  name: 'coupled',
  draws: 'coupled',
  allowsDynamic: true,
  verify: walkByDraws,
} as const satisfies Verifier
