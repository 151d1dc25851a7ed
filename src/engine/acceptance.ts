/**
 * Acceptance statistics of one sequence: how often the child of each rank (draw order) was the accepted one. They start
 * from a prior, forget slowly, and drift back to the prior while nothing is measured, so that a draft that was switched
 * off gets another try.
 */

/** Steps' worth of evidence the prior stands for. */
const PRIOR_WEIGHT = 16
/** Observed nodes after which a sequence's own view counts half in what it teaches. */
const TEACHING_WEIGHT = 100
/** Share of the evidence kept per observed node: a memory of about 100 nodes. */
const MEMORY = 0.99
/** The same per step without speculation. */
const IDLE_MEMORY = 0.995

export class AcceptanceStats {
  private readonly prior: Float64Array
  private readonly accepted: Float64Array
  private readonly visits: Float64Array

  constructor(prior: ArrayLike<number>) {
    this.prior = Float64Array.from(prior)
    this.accepted = new Float64Array(this.prior.length)
    this.visits = new Float64Array(this.prior.length)
  }

  /** A walk came to a node with `children` children and took the one of this rank, or none (-1). */
  record(children: number, rank: number): void {
    const seen = Math.min(children, this.prior.length)
    for (let i = 0; i < seen; i++) {
      this.accepted[i] *= MEMORY
      this.visits[i] = this.visits[i] * MEMORY + 1
    }
    if (rank >= 0 && rank < seen) this.accepted[rank] += 1
  }

  /** A step went by without speculation. */
  idle(): void {
    for (let i = 0; i < this.prior.length; i++) {
      this.accepted[i] *= IDLE_MEMORY
      this.visits[i] *= IDLE_MEMORY
    }
  }

  /** Moves a vector that other sequences will start from towards what this one measured, by as much as it measured. */
  teach(prior: Float64Array): void {
    prior.forEach((p, i) => {
      const weight = this.visits[i] / (TEACHING_WEIGHT + this.visits[i])
      if (weight > 0) prior[i] = p + weight * (this.accepted[i] / this.visits[i] - p)
    })
  }

  /** [rank] posterior mean. */
  vector(): Float64Array {
    return this.prior.map((p, i) => (p * PRIOR_WEIGHT + this.accepted[i]) / (PRIOR_WEIGHT + this.visits[i]))
  }
}
