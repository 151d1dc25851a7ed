/** First come, first served: one request decodes at a time, a bounded number waits. */
import { SequoiaError } from '../errors.js'

export class Queue {
  private readonly waiters: (() => void)[] = []
  private busy = false
  private idle: (() => void)[] = []

  constructor(private readonly maxWaiting: number) {}

  get waiting(): number {
    return this.waiters.length
  }

  get running(): number {
    return this.busy ? 1 : 0
  }

  /** Waits for the turn; call the returned function to pass it on. An abort while waiting rejects with the signal's reason. */
  async enter(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    if (this.busy) {
      if (this.waiters.length >= this.maxWaiting) {
        throw new SequoiaError('overloaded', `${this.waiters.length} requests are waiting already, at most ${this.maxWaiting} may; try again later or raise maxQueue`)
      }
      await new Promise<void>((resolve, reject) => {
        const turn = (): void => {
          signal?.removeEventListener('abort', leave)
          resolve()
        }
        const leave = (): void => {
          this.waiters.splice(this.waiters.indexOf(turn), 1)
          reject(signal!.reason)
        }
        signal?.addEventListener('abort', leave, { once: true })
        this.waiters.push(turn)
      })
    }
    this.busy = true
    return () => this.pass()
  }

  /** Resolves when nothing runs and nothing waits. */
  async drained(): Promise<void> {
    if (this.busy) await new Promise<void>((resolve) => this.idle.push(resolve))
  }

  private pass(): void {
    const next = this.waiters.shift()
    if (next) return next()
    this.busy = false
    for (const resolve of this.idle.splice(0)) resolve()
  }
}
