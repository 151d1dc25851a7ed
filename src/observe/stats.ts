/** What an engine has done since it was opened: the counters, and the shape in which `engine.stats()` gives them. */
import type { EndReason } from './events.js'

/**
 * All but `requests.running`, `requests.waiting`, `slots` and `prefixCache.bytes` only ever grow. Times are
 * milliseconds.
 */
export interface EngineStats {
  requests: {
    /** That came in, by how they ended; those that have not ended run or wait. */
    received: number
    ended: Readonly<Record<EndReason, number>>
    running: number
    waiting: number
  }
  /** Tokens of the prompts that were taken, and tokens generated. */
  promptTokens: number
  generatedTokens: number
  /** Target passes over the trees of all who asked. */
  passes: number
  speculation: {
    /**
     * Trees verified, one of each request in a pass, those of one node (plain decoding) included; and those that held
     * draft tokens.
     */
    steps: number
    drafts: number
    /** Nodes of all of them, roots included. */
    nodes: number
    /**
     * Draft tokens in the trees, and those that became part of an answer. With trees most are alternatives to one
     * another: `accepted / drafts` tells more than `accepted / drafted`.
     */
    drafted: number
    accepted: number
    /** [level below the root - 1] `accepted` by the level they came from. */
    acceptedPerPosition: readonly number[]
  }
  prefixCache: {
    /**
     * Prompt tokens looked up; found, or copied from a request beside theirs with the same prompt; dropped to make
     * room.
     */
    queriedTokens: number
    hitTokens: number
    evictedTokens: number
    bytes: number
  }
  /** K/V slots of the target's cache, and bytes of the caches of all models. */
  slots: { used: number; all: number; bytes: number }
  /**
   * Reads of weights that are streamed, calibration included: bytes, milliseconds with a read under way, and
   * milliseconds that passes waited for one; null where all are in memory.
   */
  reads: { bytesRead: number; readMs: number; waitMs: number } | null
  time: {
    /** In the target's passes, prompts included. */
    targetMs: number
    /** In drafting: the draft's passes, draws, n-grams. */
    draftMs: number
    /** The rest of the time in which the engine was at work: plans, walks, text, copies of rows. */
    outsideMs: number
  }
}

/** The counters behind it, as they are added up. */
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
