/** Acceptance by level and rank, counted on paths of accepted ranks. */
import { MOST_RANKS } from './shapes.js'

/** Levels with a vector of their own; the last serves all deeper ones. */
export const VECTOR_LEVELS = 4
/** Visits that the prior stands for: 1 / (rank + 1)^2 of them at each rank, so that no rank is taken to be hopeless. */
const PRIOR_VISITS = 4

/** [levels][ranks] share of visits of a level whose child of that rank was accepted. */
export function vectorsOf(paths: readonly ArrayLike<number>[], levels = VECTOR_LEVELS): Float64Array[] {
  const squares = Array.from({ length: MOST_RANKS }, (_, rank) => 1 / (rank + 1) ** 2)
  const all = squares.reduce((sum, one) => sum + one, 0)
  return Array.from({ length: levels }, (_, level) => {
    const counts = Float64Array.from(squares, (one) => (0.8 * PRIOR_VISITS * one) / all)
    let visits = PRIOR_VISITS
    for (const ranks of paths) {
      const deepest = level === levels - 1 ? ranks.length : Math.min(ranks.length, level + 1)
      for (let depth = level; depth < deepest; depth++) {
        visits++
        if (ranks[depth] >= 0) counts[ranks[depth]]++
      }
    }
    return counts.map((count) => count / visits)
  })
}
