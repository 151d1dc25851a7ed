/** What can end a request before its answer does: the caller's signal, its deadline, the engine's closing. */
import { SequoiaError } from '../spec/errors.js'

export class Lifetime {
  private readonly controller = new AbortController()
  private readonly timer: NodeJS.Timeout | undefined
  /** What the request is to throw; null while it lives, and where its caller ended it. */
  failure: SequoiaError | null = null

  /** The deadline is `timeoutMs` from now. */
  constructor(
    private readonly callers: AbortSignal | undefined,
    timeoutMs: number | undefined,
  ) {
    if (callers?.aborted) this.controller.abort(callers.reason)
    else callers?.addEventListener('abort', this.follow, { once: true })
    if (timeoutMs !== undefined) {
      this.timer = setTimeout(
        () =>
          this.stop(
            new SequoiaError(
              'timeout',
              `the answer was not complete within ${timeoutMs} ms; ask for fewer tokens, or allow more time (timeoutMs)`,
            ),
          ),
        timeoutMs,
      )
    }
  }

  /** Aborts with whatever comes first. */
  get signal(): AbortSignal {
    return this.controller.signal
  }

  get isOver(): boolean {
    return this.signal.aborted
  }

  stop(failure: SequoiaError): void {
    if (this.isOver) return
    this.failure = failure
    this.controller.abort(failure)
  }

  /** What `work` comes to; rejects with the signal's reason where the request is over before. */
  async unlessOver<T>(work: Promise<T>): Promise<T> {
    this.signal.throwIfAborted()
    let give = (): void => {}
    const over = new Promise<never>((_, reject) => (give = () => reject(this.signal.reason)))
    this.signal.addEventListener('abort', give, { once: true })
    return Promise.race([work, over]).finally(() => this.signal.removeEventListener('abort', give))
  }

  /** The request has ended: nothing of it stays behind in the caller's signal. */
  dispose(): void {
    clearTimeout(this.timer)
    this.callers?.removeEventListener('abort', this.follow)
  }

  private readonly follow = (): void => this.controller.abort(this.callers!.reason)
}
