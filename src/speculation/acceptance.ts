/**
 * Acceptance statistics of one sequence: how often, at each level of a tree, the child of each rank (draw order) was
 * the accepted one. They start from a prior, forget slowly, and drift back to the prior while nothing is measured, so
 * that a draft that was switched off gets another try.
 */

/** [level][rank] chance that the child of this rank is the accepted one; the last level serves all deeper ones. */
export type Acceptance = readonly Float64Array[]

/** Steps' worth of evidence the prior stands for. */
const PRIOR_WEIGHT = 16
/** Observed nodes after which a sequence's own view counts half in what it teaches. */
const TEACHING_WEIGHT = 100
/** Share of the evidence kept per observed node: a memory of about 100 nodes. */
const MEMORY = 0.99
/** The same per step without speculation. */
const IDLE_MEMORY = 0.995

/** What was seen of one level, [rank] each. */
interface Level {
  prior: Float64Array
  accepted: Float64Array
  visits: Float64Array
}

export class AcceptanceStats {
  private readonly levels: readonly Level[]

  /** `prior`: one level at least, each of as many ranks. */
  constructor(prior: readonly ArrayLike<number>[]) {
    this.levels = prior.map((vector) => ({
      prior: Float64Array.from(vector),
      accepted: new Float64Array(vector.length),
      visits: new Float64Array(vector.length),
    }))
  }

  /**
   * A walk came to a node of this depth (the root's is 0) with `children` children and took the one of this rank, or
   * none (-1).
   */
  record(depth: number, children: number, rank: number): void {
    const { accepted, visits } = this.levels[Math.min(depth, this.levels.length - 1)]
    const seen = Math.min(children, visits.length)
    for (let i = 0; i < seen; i++) {
      accepted[i] *= MEMORY
      visits[i] = visits[i] * MEMORY + 1
    }
    if (rank >= 0 && rank < seen) accepted[rank] += 1
  }

  /** A step went by without speculation. */
  idle(): void {
    for (const { accepted, visits } of this.levels) {
      for (let i = 0; i < visits.length; i++) {
        accepted[i] *= IDLE_MEMORY
        visits[i] *= IDLE_MEMORY
      }
    }
  }

  /**
   * Moves the vectors that other sequences will start from towards what this one measured, by as much as it measured.
   */
  teach(prior: Acceptance): void {
    this.levels.forEach(({ accepted, visits }, level) =>
      prior[level].forEach((p, i) => {
        const weight = visits[i] / (TEACHING_WEIGHT + visits[i])
        if (weight > 0) prior[level][i] = p + weight * (accepted[i] / visits[i] - p)
      }),
    )
  }

  /** Posterior means. A level that walks seldom reach is expected to differ from its prior as the other levels do. */
  vectors(): Acceptance {
    return this.levels.map((level) => {
      const others = this.levels.filter((other) => other !== level)
      return level.prior.map(
        (p, i) =>
          (Math.min(1, p * trend(others, i)) * PRIOR_WEIGHT + level.accepted[i]) / (PRIOR_WEIGHT + level.visits[i]),
      )
    })
  }
}

/** Accepted over expected children of this rank, 1 where nothing was seen. */
function trend(levels: readonly Level[], rank: number): number {
  let [accepted, expected] = [0, 0]
  for (const { prior, ...seen } of levels) {
    accepted += prior[rank] * PRIOR_WEIGHT + seen.accepted[rank]
    expected += prior[rank] * (PRIOR_WEIGHT + seen.visits[rank])
  }
  return expected > 0 ? accepted / expected : 1
}
