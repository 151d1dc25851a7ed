/** What is measured of one request while it is on its way. */
import type { PlannedTree } from '../api/types.js'

/** What is measured of a request from its coming to its end. Times are of `performance.now()`. */
export interface RequestRecord {
  readonly id: number
  readonly promptTokens: number
  /** Prompt tokens whose K/V were copied in. */
  cachedTokens: number
  readonly counts: RequestCounts
  readonly cameAt: number
  /** Its place among those that decode, its first tokens, its latest ones; null before. */
  startedAt: number | null
  firstTokenAt: number | null
  tokensAt: number | null
  planned: PlannedTree | null
}

export interface RequestCounts {
  steps: number
  /** Of the answer, and of the thinking in it. */
  tokens: number
  reasoning: number
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

function newCounts(): RequestCounts {
  return {
    steps: 0,
    tokens: 0,
    reasoning: 0,
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

/** Of a request that comes now. */
export function newRecord(id: number, promptTokens: number): RequestRecord {
  return {
    id,
    promptTokens,
    cachedTokens: 0,
    counts: newCounts(),
    cameAt: performance.now(),
    startedAt: null,
    firstTokenAt: null,
    tokensAt: null,
    planned: null,
  }
}
