/** What one request cost and gained, from its sequence's counts. */
import type { Sequence } from './sequence.js'
import type { GenerateStats } from './types.js'

export function requestStats({ promptLength, cachedTokens, counts, tokens: all }: Pick<Sequence, 'promptLength' | 'cachedTokens' | 'counts'> & { tokens: readonly number[] }): GenerateStats {
  const tokens = all.length - promptLength
  const steps = Math.max(counts.steps, 1)
  return {
    promptTokens: promptLength,
    cachedTokens,
    tokens,
    steps: counts.steps,
    tokensPerStep: tokens / steps,
    prefillMs: counts.prefillMs,
    decodeMs: counts.decodeMs,
    drafted: counts.drafted,
    accepted: counts.accepted,
    planNodes: counts.nodes / steps,
    planDepth: counts.depth / steps,
    overhead: counts.decodeMs > 0 ? 1 - counts.passMs / counts.decodeMs : 0,
  }
}
