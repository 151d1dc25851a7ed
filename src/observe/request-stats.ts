/** What one request cost and gained, from its sequence's counts. */
import type { Sequence } from '../engine/sequence.js'
import type { GenerateStats } from '../api/types.js'

type Counted = Pick<Sequence, 'promptLength' | 'cachedTokens' | 'counts' | 'record'> & { tokens: readonly number[] }

export function requestStats({ promptLength, cachedTokens, counts, tokens: all, record }: Counted): GenerateStats {
  const { cameAt, startedAt, firstTokenAt, tokensAt } = record
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
    drafts: counts.drafts,
    acceptedLengths: [...counts.acceptedLengths],
    drafted: counts.drafted,
    accepted: counts.accepted,
    planNodes: counts.nodes / steps,
    planDepth: counts.depth / steps,
    overhead: counts.decodeMs > 0 ? 1 - counts.passMs / counts.decodeMs : 0,
    queueMs: (startedAt ?? performance.now()) - cameAt,
    firstTokenMs: firstTokenAt === null ? null : firstTokenAt - cameAt,
    generationMs: firstTokenAt === null || tokensAt === null ? 0 : tokensAt - firstTokenAt,
  }
}
