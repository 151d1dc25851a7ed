/** First come, first served: a bounded number of requests decodes together, in the room there is for their texts, and a bounded number waits. */
import { SequoiaError } from '../errors.js'

interface Waiter {
  slots: number
  turn(): void
}

export class Queue {
  private readonly waiters: Waiter[] = []
  /** Slots of those inside. */
  private readonly inside: number[] = []
  private idle: (() => void)[] = []

  /** `fits`: whether texts of so many slots have room together; one alone always has. */
  constructor(
    private readonly maxRunning: number,
    private readonly maxWaiting: number,
    private readonly fits: (slots: readonly number[]) => boolean = () => true,
  ) {}

  get waiting(): number {
    return this.waiters.length
  }

  get running(): number {
    return this.inside.length
  }

  /** Waits for a place and for room for `slots`; call the returned function to pass both on. An abort while waiting rejects with the signal's reason. */
  async enter(signal?: AbortSignal, slots = 0): Promise<() => void> {
    signal?.throwIfAborted()
    if (this.waiters.length === 0 && this.admits(slots)) {
      this.inside.push(slots)
      return () => this.pass(slots)
    }
    if (this.waiters.length >= this.maxWaiting) {
      throw new SequoiaError('overloaded', `${this.waiters.length} requests are waiting already, at most ${this.maxWaiting} may; try again later or raise maxQueue`)
    }
    await new Promise<void>((resolve, reject) => {
      const waiter = {
        slots,
        turn: () => {
          signal?.removeEventListener('abort', leave)
          resolve()
        },
      }
      const leave = (): void => {
        this.waiters.splice(this.waiters.indexOf(waiter), 1)
        reject(signal!.reason)
        // Whoever stood behind may fit where this one did not.
        this.letIn()
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.waiters.push(waiter)
    })
    return () => this.pass(slots)
  }

  /** Resolves when nothing runs and nothing waits. */
  async drained(): Promise<void> {
    if (this.running > 0) await new Promise<void>((resolve) => this.idle.push(resolve))
  }

  private admits(slots: number): boolean {
    return this.running < this.maxRunning && (this.running === 0 || this.fits([...this.inside, slots]))
  }

  /** A place that is given up goes to who has waited longest. */
  private pass(slots: number): void {
    this.inside.splice(this.inside.indexOf(slots), 1)
    this.letIn()
    if (this.running > 0) return
    for (const resolve of this.idle.splice(0)) resolve()
  }

  private letIn(): void {
    while (this.waiters.length > 0 && this.admits(this.waiters[0].slots)) {
      const { slots, turn } = this.waiters.shift()!
      this.inside.push(slots)
      turn()
    }
  }
}
