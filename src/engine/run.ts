/**
 * One request on its way through the engine, from its coming to its end: what it asks, what it holds, and what can end
 * it before its answer does (its caller's signal, its deadline, the engine's closing).
 */
import type { EndReason, FinishReason } from '../api/types.js'
import type { RequestRecord } from '../observe/request-record.js'
import { SequoiaError } from '../spec/errors.js'
import type { Drafter } from '../strategies/drafter.js'
import type { Thinking } from './answer-text.js'
import type { CheckedRequest } from './check-request.js'
import type { Sequence } from './sequence.js'

export interface RunParts {
  request: CheckedRequest
  prompt: readonly number[]
  /** Null: it decodes plainly. */
  drafter: Drafter | null
  record: RequestRecord
  /** Thinking that its answer may begin with; null: none. */
  thinking: Thinking | null
  /** Most milliseconds from now on. */
  timeoutMs: number | undefined
}

export class Run {
  readonly request: CheckedRequest
  readonly prompt: readonly number[]
  readonly drafter: Drafter | null
  readonly record: RequestRecord
  readonly thinking: Thinking | null
  /** Its tokens and caches, once it has a place among those that decode. */
  sequence: Sequence | null = null
  /** Gives up that place. */
  leave: (() => void) | null = null
  /** What its last part said. */
  finish: FinishReason | null = null
  /** What its reader was thrown. */
  error: Error | null = null
  /** Settles once all it held is given back; null until that begins. */
  ended: Promise<void> | null = null

  private readonly controller = new AbortController()
  private readonly timer: NodeJS.Timeout | undefined
  private stopped: SequoiaError | null = null

  constructor({ request, prompt, drafter, record, thinking, timeoutMs }: RunParts) {
    this.request = request
    this.prompt = prompt
    this.drafter = drafter
    this.record = record
    this.thinking = thinking
    const { signal } = request
    if (signal?.aborted) this.controller.abort(signal.reason)
    else signal?.addEventListener('abort', this.follow, { once: true })
    if (timeoutMs === undefined) return
    const late = (): void =>
      this.stop(
        new SequoiaError(
          'timeout',
          `the answer was not complete within ${timeoutMs} ms; ask for fewer tokens, or allow more time (timeoutMs)`,
        ),
      )
    this.timer = setTimeout(late, timeoutMs)
  }

  /** Aborts with whatever ends it first. */
  get signal(): AbortSignal {
    return this.controller.signal
  }

  get isOver(): boolean {
    return this.signal.aborted
  }

  /** Why the engine ended it; null while it lives, and where its caller ended it. */
  get stopReason(): SequoiaError | null {
    return this.stopped
  }

  /** What went wrong; a deadline that passes while the reader has the whole answer already is nothing. */
  get failure(): Error | null {
    return this.error ?? (this.finish ? null : this.stopped)
  }

  get endReason(): EndReason {
    const { failure } = this
    if (!failure) return this.finish ?? this.sequence?.finish ?? 'abort'
    const code = failure instanceof SequoiaError ? failure.code : 'runtime_failed'
    return code === 'timeout' || code === 'overloaded' || code === 'closed' ? code : 'error'
  }

  stop(why: SequoiaError): void {
    if (this.isOver) return
    this.stopped = why
    this.controller.abort(why)
  }

  /** What `work` comes to; rejects with the signal's reason where the request is over before. */
  async unlessOver<T>(work: Promise<T>): Promise<T> {
    this.signal.throwIfAborted()
    let give = (): void => {}
    const over = new Promise<never>((_, reject) => (give = () => reject(this.signal.reason)))
    this.signal.addEventListener('abort', give, { once: true })
    return Promise.race([work, over]).finally(() => this.signal.removeEventListener('abort', give))
  }

  /** It has ended: nothing of it stays behind in its caller's signal. */
  dispose(): void {
    clearTimeout(this.timer)
    this.request.signal?.removeEventListener('abort', this.follow)
  }

  private readonly follow = (): void => this.controller.abort(this.request.signal!.reason)
}

/** The shorter of two times, either of which may be unlimited. */
export function leastOf(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)
}
