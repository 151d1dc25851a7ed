/** What one request cost and gained: its counters, and the statistics made of them. */
import type { GenerateStats } from '../api/types.js'
import type { RequestRecord } from './recorder.js'

export interface RequestCounts {
  steps: number
  /** Steps whose tree held draft tokens, and [j] how many of them had j accepted; as long as the deepest tree. */
  drafts: number
  acceptedLengths: number[]
  drafted: number
  accepted: number
  /** Sums over steps, for the means in the statistics. */
  nodes: number
  depth: number
  prefillMs: number
  decodeMs: number
  passMs: number
}

export function newCounts(): RequestCounts {
  return {
    steps: 0,
    drafts: 0,
    acceptedLengths: [],
    drafted: 0,
    accepted: 0,
    nodes: 0,
    depth: 0,
    prefillMs: 0,
    decodeMs: 0,
    passMs: 0,
  }
}

/** What the statistics are made from; a sequence has it. */
export interface CountedRequest {
  /** Prompt and answer. */
  tokens: readonly number[]
  promptLength: number
  /** Prompt tokens whose K/V were copied in. */
  cachedTokens: number
  counts: RequestCounts
  record: RequestRecord
}

export function requestStats({
  promptLength,
  cachedTokens,
  counts,
  tokens: all,
  record,
}: CountedRequest): GenerateStats {
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
