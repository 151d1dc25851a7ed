/** First come, first served: a bounded number of requests decodes together, a bounded number waits. */
import { SequoiaError } from '../errors.js'

export class Queue {
  private readonly waiters: (() => void)[] = []
  private inside = 0
  private idle: (() => void)[] = []

  constructor(
    private readonly maxRunning: number,
    private readonly maxWaiting: number,
  ) {}

  get waiting(): number {
    return this.waiters.length
  }

  get running(): number {
    return this.inside
  }

  /** Waits for a place; call the returned function to pass it on. An abort while waiting rejects with the signal's reason. */
  async enter(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    if (this.inside < this.maxRunning) {
      this.inside += 1
      return () => this.pass()
    }
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
    return () => this.pass()
  }

  /** Resolves when nothing runs and nothing waits. */
  async drained(): Promise<void> {
    if (this.inside > 0) await new Promise<void>((resolve) => this.idle.push(resolve))
  }

  /** A place that is given up goes to who has waited longest. */
  private pass(): void {
    const next = this.waiters.shift()
    if (next) return next()
    this.inside -= 1
    if (this.inside > 0) return
    for (const resolve of this.idle.splice(0)) resolve()
  }
}
