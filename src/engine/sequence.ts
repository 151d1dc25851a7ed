/** A request that decodes: its tokens so far, what it holds in both models' caches, how its tokens are chosen. */
import type { Ending } from '../api/types.js'
import type { RequestRecord } from '../observe/request-record.js'
import type { SequenceCache } from '../passes/sequence-cache.js'
import type { SequenceSampling } from '../sampling/sequence-sampling.js'
import type { SpeculationState, StepShare } from '../speculation/state.js'
import type { DraftSession } from '../strategies/drafter.js'
import type { Verifier } from '../strategies/verifier.js'
import type { AnswerText } from './answer-text.js'
import type { CheckedRequest } from './check-request.js'

export interface Sequence {
  readonly request: CheckedRequest
  readonly record: RequestRecord
  /** Prompt and answer; the last token is the next tree's root. */
  readonly tokens: number[]
  readonly promptLength: number
  /** Tokens that were there before its first step: the prompt, and what was made of the answer elsewhere. */
  readonly givenLength: number
  /** Its rows in the target's cache: all tokens but the last. */
  readonly cache: SequenceCache
  /** The target's feature of each committed token, where a draft reads them. */
  readonly features: Float32Array[]
  /** What the policy keeps of it, its drafter among that. */
  readonly speculation: SpeculationState
  readonly drafting: DraftSession | null
  readonly verifier: Verifier
  readonly sampling: SequenceSampling
  readonly text: AnswerText
  /** Tokens that end the answer. */
  readonly stopTokens: ReadonlySet<number>
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
export function remaining({ request, tokens, promptLength }: Sequence): number {
  return request.maxTokens - (tokens.length - promptLength)
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
