/** What one request cost and gained, from what was measured of it. */
import type { GenerateStats } from '../api/types.js'
import type { RequestRecord } from './request-record.js'

export function requestStats({ promptTokens, cachedTokens, counts, ...times }: RequestRecord): GenerateStats {
  const { cameAt, startedAt, firstTokenAt, tokensAt } = times
  const steps = Math.max(counts.steps, 1)
  return {
    promptTokens,
    cachedTokens,
    tokens: counts.tokens,
    reasoningTokens: counts.reasoning,
    steps: counts.steps,
    tokensPerStep: counts.tokens / steps,
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
