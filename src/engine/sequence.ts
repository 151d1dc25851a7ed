/**
 * What one running request knows: its tokens so far, its place in the target's cache, its draft, and what it has cost.
 */
import type { DraftSession, Drafter } from '../strategies/drafter.js'
import type { Verifier } from '../strategies/verifier.js'
import type { SequenceCache } from '../passes/sequence-cache.js'
import type { SequenceSampling } from '../sampling/sequence-sampling.js'
import type { SpeculationState, StepShare } from '../speculation/state.js'
import type { RequestRecord } from '../observe/recorder.js'
import type { RequestCounts } from '../observe/request-stats.js'
import type { CheckedRequest } from './request.js'
import type { TextStream } from './text-stream.js'
import type { Ending } from '../api/types.js'

export interface Sequence {
  readonly request: CheckedRequest
  readonly verifier: Verifier
  readonly drafter: Drafter | null
  readonly drafting: DraftSession | null
  readonly cache: SequenceCache
  /** Prompt and answer; the last token is the next tree's root. */
  readonly tokens: number[]
  readonly promptLength: number
  /** Prompt tokens whose K/V were copied in. */
  cachedTokens: number
  /** The target's feature of each committed token, where a draft reads them. */
  readonly features: Float32Array[]
  readonly text: TextStream
  readonly sampling: SequenceSampling
  /** Tokens that end the answer. */
  readonly stopTokens: ReadonlySet<number>
  /** What the policy keeps of it. */
  readonly speculation: SpeculationState
  readonly counts: RequestCounts
  readonly record: RequestRecord
  finish: Ending | null
  /** Why it cannot go on; thrown to its own request. */
  failure: Error | null
}

/** Keeps the target's features [count, hidden] of tokens just committed, and shows them to the draft. */
export function observe({ features, drafting }: Sequence, rows: Float32Array, hidden: number): void {
  for (let at = 0; at < rows.length; at += hidden) features.push(rows.slice(at, at + hidden))
  drafting?.observe?.(rows)
}

/** Tokens the answer may still take. */
export function remaining(sequence: Sequence): number {
  return sequence.request.maxTokens - (sequence.tokens.length - sequence.promptLength)
}

/** What the policy plans a sequence's next step by. */
export function shareOf(sequence: Sequence): StepShare {
  return { state: sequence.speculation, context: sequence.tokens.length, left: remaining(sequence) }
}

/** Gives back all that a sequence holds, in both models' caches. */
export function release(sequence: Sequence): void {
  sequence.drafting?.release()
  sequence.sampling.dispose()
  sequence.cache.release()
}
