/**
 * How often a guess is right, by its rank among siblings and the length of its match: measured beforehand, then in
 * texts of this server, then in the text at hand. chance = (prior * w + right) / (w + seen), w = 8 guesses.
 */

import { EVIDENCE, GUESSES } from '../../src/strategies/policy.js'

export const RANKS = GUESSES.prior.length
export const MATCHES = GUESSES.prior[0].length

/** [rank][match - 1] what texts start from. */
export type Priors = readonly Float64Array[]

export function newPriors(): Priors {
  return GUESSES.prior.map((chances) => Float64Array.from(chances))
}

/** One text's view. */
export class GuessChances {
  /** [rank][match - 1] guesses seen and found right. */
  private readonly seen: readonly Float64Array[]
  private readonly right: readonly Float64Array[]

  constructor(private readonly priors: Priors) {
    this.seen = priors.map(() => new Float64Array(MATCHES))
    this.right = priors.map(() => new Float64Array(MATCHES))
  }

  of(rank: number, match: number): number {
    const at = match - 1
    const weight = EVIDENCE.recent
    return (this.priors[rank][at] * weight + this.right[rank][at]) / (weight + this.seen[rank][at])
  }

  saw(rank: number, match: number, isRight: boolean): void {
    const at = match - 1
    this.seen[rank][at] += 1 - this.seen[rank][at] / EVIDENCE.memory
    this.right[rank][at] += Number(isRight) - this.right[rank][at] / EVIDENCE.memory
  }

  /** Moves what other texts start from towards what this one showed, by as much as it showed, once. */
  teach(): void {
    this.priors.forEach((chances, rank) =>
      chances.forEach((chance, at) => {
        const seen = this.seen[rank][at]
        if (seen > 0) chances[at] += (seen / (EVIDENCE.memory + seen)) * (this.right[rank][at] / seen - chance)
        this.seen[rank][at] = this.right[rank][at] = 0
      }),
    )
  }
}
