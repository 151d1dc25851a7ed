/** What an engine has done since it was opened, as `engine.stats()` gives it. */
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
   * Reads of weights that are streamed, those of timing included: bytes, milliseconds with a read under way, and
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
