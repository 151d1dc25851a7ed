/** The counters behind `engine.stats()`, and the shape that it gives them. */
import type { EndReason, EngineStats } from '../api/types.js'

/** What is added up. */
export interface Totals {
  requests: number
  ended: Record<EndReason, number>
  promptTokens: number
  cachedTokens: number
  tokens: number
  passes: number
  steps: number
  drafts: number
  nodes: number
  drafted: number
  accepted: number
  acceptedAt: number[]
  evictedTokens: number
  draftMs: number
}

export function newTotals(): Totals {
  return {
    requests: 0,
    ended: { stop: 0, length: 0, tool_calls: 0, abort: 0, timeout: 0, overloaded: 0, closed: 0, error: 0 },
    promptTokens: 0,
    cachedTokens: 0,
    tokens: 0,
    passes: 0,
    steps: 0,
    drafts: 0,
    nodes: 0,
    drafted: 0,
    accepted: 0,
    acceptedAt: [],
    evictedTokens: 0,
    draftMs: 0,
  }
}

/** What the counters do not know: how things stand now, and the clocks. */
export interface Standing {
  reads: EngineStats['reads']
  running: number
  waiting: number
  slotsUsed: number
  slots: number
  kvBytes: number
  prefixBytes: number
  targetMs: number
  busyMs: number
}

export function engineStats(totals: Totals, now: Standing): EngineStats {
  return {
    requests: { received: totals.requests, ended: { ...totals.ended }, running: now.running, waiting: now.waiting },
    promptTokens: totals.promptTokens,
    generatedTokens: totals.tokens,
    passes: totals.passes,
    speculation: {
      steps: totals.steps,
      drafts: totals.drafts,
      nodes: totals.nodes,
      drafted: totals.drafted,
      accepted: totals.accepted,
      acceptedPerPosition: [...totals.acceptedAt],
    },
    prefixCache: {
      queriedTokens: totals.promptTokens,
      hitTokens: totals.cachedTokens,
      evictedTokens: totals.evictedTokens,
      bytes: now.prefixBytes,
    },
    slots: { used: now.slotsUsed, all: now.slots, bytes: now.kvBytes },
    reads: now.reads,
    time: {
      targetMs: now.targetMs,
      draftMs: totals.draftMs,
      outsideMs: Math.max(0, now.busyMs - now.targetMs - totals.draftMs),
    },
  }
}
