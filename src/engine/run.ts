/** One request on its way through the engine. */
import { SequoiaError } from '../spec/errors.js'
import type { Drafter } from '../strategies/drafter.js'
import type { EndReason, FinishReason } from '../api/types.js'
import type { Lifetime } from './lifetime.js'
import type { RequestRecord } from '../observe/recorder.js'
import type { CheckedRequest } from './request.js'
import type { Sequence } from './sequence.js'

/** What a request holds until it ends. */
export interface Run {
  readonly request: CheckedRequest
  readonly prompt: readonly number[]
  readonly drafter: Drafter | null
  readonly lifetime: Lifetime
  readonly record: RequestRecord
  sequence: Sequence | null
  /** Gives up its place among those that decode. */
  leave: (() => void) | null
  error: Error | null
  /** What its last part said. */
  finish: FinishReason | null
  /** Set once all is given back, or about to be. */
  ended: Promise<void> | null
}

/** The shorter of two times, either of which may be unlimited. */
export function leastOf(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)
}

/** What went wrong; a deadline that passes while the reader has the whole answer already is none. */
export function failureOf({ lifetime, error, finish }: Run): Error | null {
  return error ?? (finish ? null : lifetime.failure)
}

export function reasonOf(run: Run): EndReason {
  const failure = failureOf(run)
  if (!failure) return run.finish ?? run.sequence?.finish ?? 'abort'
  const code = failure instanceof SequoiaError ? failure.code : 'runtime_failed'
  return code === 'timeout' || code === 'overloaded' || code === 'closed' ? code : 'error'
}
