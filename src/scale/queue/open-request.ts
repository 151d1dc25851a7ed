/** A request whose answer a gateway waits for, and what ends it early. */
import type { GeneratePart } from '../../api/answer.js'
import type { GenerateRequest } from '../../api/request.js'
import { SequoiaError } from '../../spec/errors.js'
import { storeAway } from './store-connection.js'

type Why = 'abort' | 'timeout' | 'waited' | 'closed' | 'away'

/** Milliseconds that a worker may be over a request's deadline before it is told that it is over. */
const GRACE_MS = 1_000

export class OpenRequest {
  private readonly control = new AbortController()
  private readonly timers: (NodeJS.Timeout | undefined)[]
  private readonly leave = (): void => this.end('abort')
  private began: number | null = null

  constructor(
    private readonly given: GenerateRequest,
    private readonly maxWaitMs: number | undefined,
  ) {
    const { signal, timeoutMs } = given
    if (signal?.aborted) this.leave()
    signal?.addEventListener('abort', this.leave, { once: true })
    this.timers = [
      timeoutMs === undefined ? undefined : setTimeout(() => this.end('timeout'), timeoutMs + GRACE_MS),
      maxWaitMs === undefined ? undefined : setTimeout(() => this.hasBegun || this.end('waited'), maxWaitMs),
    ]
  }

  get over(): AbortSignal {
    return this.control.signal
  }

  get isOver(): boolean {
    return this.over.aborted
  }

  /** Whether a worker has said something. */
  get hasBegun(): boolean {
    return this.began !== null
  }

  set hasBegun(_: true) {
    this.began ??= performance.now()
  }

  /** Milliseconds since a worker first said something. */
  get runningMs(): number {
    return performance.now() - (this.began ?? performance.now())
  }

  end(why: Why): void {
    this.control.abort(why)
  }

  /** The last part of an answer that was left; throws what else ended it. */
  ending(retryAfterSeconds: number): GeneratePart {
    switch (this.over.reason as Why) {
      case 'closed':
        throw new SequoiaError('closed', 'the engine was closed')
      case 'away':
        throw storeAway()
      case 'timeout':
        throw new SequoiaError('timeout', `the answer was not complete within ${this.given.timeoutMs} ms`)
      case 'waited':
        throw new SequoiaError('overloaded', `no worker was free within ${this.maxWaitMs} ms; come again later`, {
          retryAfterSeconds,
        })
      case 'abort':
        return { text: '', tokens: [], accepted: 0, finishReason: 'abort' }
    }
  }

  dispose(): void {
    this.timers.forEach(clearTimeout)
    this.given.signal?.removeEventListener('abort', this.leave)
  }
}
