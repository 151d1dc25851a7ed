/**
 * How often a guess is right, by its rank among siblings and the length of its match: measured beforehand, then in
 * texts of this server, then in the text at hand.
 */

/**
 * [rank][match - 1] prior probability that a guess is right. Measured on 250 sampled answers of SmolLM2-135M-Instruct
 * (temperature 0.8, 17,000 places that had a match).
 */
const PRIOR = [
  [0.16, 0.43, 0.48, 0.63, 0.66, 0.69, 0.69, 0.87],
  [0.086, 0.14, 0.2, 0.17, 0.16, 0.16, 0.16, 0.2],
  [0.053, 0.075, 0.08, 0.1, 0.1, 0.1, 0.1, 0.1],
  [0.036, 0.04, 0.06, 0.04, 0.04, 0.04, 0.04, 0.04],
]
export const RANKS = PRIOR.length
export const MATCHES = PRIOR[0].length
/** Guesses of one kind that its prior stands for. */
const PRIOR_WEIGHT = 8
/** Share of the evidence on a kind of guess that is kept when the next one of its kind is seen. */
const MEMORY = 0.98
/** Guesses of one kind after which a text's own view counts half in what it teaches. */
const TEACHING_WEIGHT = 50

/** [rank][match - 1] what texts start from. */
export type Priors = readonly Float64Array[]

export function newPriors(): Priors {
  return PRIOR.map((chances) => Float64Array.from(chances))
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
    return (this.priors[rank][at] * PRIOR_WEIGHT + this.right[rank][at]) / (PRIOR_WEIGHT + this.seen[rank][at])
  }

  saw(rank: number, match: number, isRight: boolean): void {
    const at = match - 1
    this.seen[rank][at] = this.seen[rank][at] * MEMORY + 1
    this.right[rank][at] = this.right[rank][at] * MEMORY + Number(isRight)
  }

  /** Moves what other texts start from towards what this one showed, by as much as it showed, once. */
  teach(): void {
    this.priors.forEach((chances, rank) =>
      chances.forEach((chance, at) => {
        const seen = this.seen[rank][at]
        if (seen > 0) chances[at] += (seen / (TEACHING_WEIGHT + seen)) * (this.right[rank][at] / seen - chance)
        this.seen[rank][at] = this.right[rank][at] = 0
      }),
    )
  }
}
