/** How many threads a peer is at its best with: more are not always faster, so every number is tried. */
import { availableParallelism } from 'node:os'

/** 1, 2, ... as many as there are cores. */
export function threadCounts(cores = availableParallelism()): number[] {
  return Array.from({ length: cores }, (_, i) => i + 1)
}

/** The number of threads that a trial takes least time with; the fewer where two take the same. */
export async function bestThreads(trialMs: (threads: number) => Promise<number>, cores?: number): Promise<number> {
  let [best, leastMs] = [1, Infinity]
  for (const threads of threadCounts(cores)) {
    const ms = await trialMs(threads)
    if (ms < leastMs) [best, leastMs] = [threads, ms]
  }
  return best
}
