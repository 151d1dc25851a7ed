/**
 * Acceptance of one text: how often, at each level of a tree, the child of each rank (draw order) was the accepted one.
 *
 *     p[level][rank] = (prior * trend * w + accepted) / (w + visits),   w = 32 visits
 *     trend[rank]    = accepted over expected children of this rank on all other levels
 *
 * Counts fade, with visits and with steps that had no tree, and p drifts back to its prior: a draft that was switched
 * off gets another try.
 */
import { EVIDENCE } from '../strategies/policy.js'
import type { DraftTree } from '../strategies/tree.js'

/** [level][rank] chance that the child of this rank is the accepted one; the last level serves all deeper ones. */
export type Acceptance = readonly Float64Array[]

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

  /** A walk over a drawn tree took these nodes below the root. Guesses among the draws have no rank. */
  recordWalk({ parents, guessed }: DraftTree, path: Int32Array): void {
    const nodes = [0, ...path]
    nodes.forEach((node, depth) => {
      let children = 0
      let rank = -1
      for (let child = node + 1; child < parents.length; child++) {
        if (parents[child] !== node || guessed?.[child]) continue
        if (child === nodes[depth + 1]) rank = children
        children++
      }
      if (children > 0) this.record(depth, children, rank)
    })
  }

  /**
   * A walk came to a node of this depth (the root's is 0) with `children` children and took the one of this rank, or
   * none (-1).
   */
  record(depth: number, children: number, rank: number): void {
    const { accepted, visits } = this.levels[Math.min(depth, this.levels.length - 1)]
    const seen = Math.min(children, visits.length)
    for (let i = 0; i < seen; i++) {
      accepted[i] *= 1 - 1 / EVIDENCE.memory
      visits[i] += 1 - visits[i] / EVIDENCE.memory
    }
    if (rank >= 0 && rank < seen) accepted[rank] += 1
  }

  /** A step went by without speculation. */
  idle(): void {
    for (const { accepted, visits } of this.levels) {
      for (let i = 0; i < visits.length; i++) {
        accepted[i] *= 1 - EVIDENCE.idle
        visits[i] *= 1 - EVIDENCE.idle
      }
    }
  }

  /**
   * Moves what other texts start from towards what this one showed:
   * prior += visits / (100 + visits) * (accepted / visits - prior).
   */
  teach(prior: Acceptance): void {
    this.levels.forEach(({ accepted, visits }, level) =>
      prior[level].forEach((p, i) => {
        const weight = visits[i] / (EVIDENCE.memory + visits[i])
        if (weight > 0) prior[level][i] = p + weight * (accepted[i] / visits[i] - p)
      }),
    )
  }

  /** p[level][rank] */
  vectors(): Acceptance {
    const weight = EVIDENCE.prior
    return this.levels.map((level) => {
      const others = this.levels.filter((other) => other !== level)
      return level.prior.map(
        (p, i) => (Math.min(1, p * trend(others, i)) * weight + level.accepted[i]) / (weight + level.visits[i]),
      )
    })
  }
}

/** A level that walks seldom reach is expected to differ from its prior as the others do; 1 where nothing was seen. */
function trend(levels: readonly Level[], rank: number): number {
  let [accepted, expected] = [0, 0]
  for (const { prior, ...seen } of levels) {
    accepted += prior[rank] * EVIDENCE.prior + seen.accepted[rank]
    expected += prior[rank] * (EVIDENCE.prior + seen.visits[rank])
  }
  return expected > 0 ? accepted / expected : 1
}
