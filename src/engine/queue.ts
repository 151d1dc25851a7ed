/**
 * A bounded number of requests decodes together, in the room there is for their texts, and a bounded number waits.
 * Callers take turns: each request stands as far back as its caller has requests before it (start-time fair queueing);
 * of one caller's, first come, first served. Requests of batches stand behind all that somebody waits for.
 */
import type { Urgency } from '../api/request.js'
import { SequoiaError } from '../spec/errors.js'

/** A request that decodes. */
interface Place {
  slots: number
  isOver(): boolean
}

interface Waiter extends Place {
  whose: Whose
  turn: number
  letIn(): void
}

/** Whose a request is, and whether somebody waits for it. */
export interface Whose {
  caller: string
  urgency: Urgency
}

const NOBODYS: Whose = { caller: '', urgency: 'interactive' }

export class Queue {
  /** In the order they are let in. */
  private readonly waiters: Waiter[] = []
  private readonly inside = new Set<Place>()
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
    return this.inside.size
  }

  /**
   * Waits for a place, and for room for `slots` slots of cache; the returned function gives both up. An abort while
   * waiting rejects with the signal's reason. `isOver` tells whether the request's answer has ended: its client may
   * send the next request before the place is given up, and must not be refused for that.
   */
  async enter(
    signal?: AbortSignal,
    slots = 0,
    isOver: () => boolean = () => false,
    whose: Whose = NOBODYS,
  ): Promise<() => void> {
    signal?.throwIfAborted()
    const place: Place = { slots, isOver }
    if (this.hasPlace(slots)) {
      this.inside.add(place)
      return () => this.pass(place)
    }
    this.assertRoom(slots, whose)
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = Object.assign(place, {
        whose,
        turn: this.nextTurn(whose),
        letIn: () => {
          signal?.removeEventListener('abort', leave)
          resolve()
        },
      })
      const leave = (): void => {
        this.waiters.splice(this.waiters.indexOf(waiter), 1)
        reject(signal!.reason)
        // Whoever stood behind may fit where this one did not.
        this.letIn()
      }
      signal?.addEventListener('abort', leave, { once: true })
      const behind = this.waiters.findLastIndex((other) => !isBefore(waiter, other))
      this.waiters.splice(behind + 1, 0, waiter)
    })
    return () => this.pass(place)
  }

  /** Throws `SequoiaError` ('overloaded') where a request for `slots` could not even wait. */
  assertRoom(slots: number, { urgency }: Whose = NOBODYS): void {
    const waiting = this.waiters.filter(({ whose }) => whose.urgency === urgency).length
    if (this.hasPlace(slots) || waiting < this.maxWaiting + this.leaving) return
    throw new SequoiaError(
      'overloaded',
      `${waiting} requests are waiting already, at most ${this.maxWaiting} may; try again later`,
      { forOwner: 'raise maxQueue' },
    )
  }

  /** Resolves when nothing runs and nothing waits. */
  async drained(): Promise<void> {
    if (this.running > 0) await new Promise<void>((resolve) => this.idle.push(resolve))
  }

  /** One behind the last of its caller's that wait, or that of who is next. */
  private nextTurn({ caller, urgency }: Whose): number {
    const alike = this.waiters.filter(({ whose }) => whose.urgency === urgency)
    const last = alike.findLast(({ whose }) => whose.caller === caller)
    return last ? last.turn + 1 : (alike[0]?.turn ?? 0)
  }

  /** Places of answers that have ended, about to be given up: as many requests may wait beyond `maxWaiting`. */
  private get leaving(): number {
    return [...this.inside].filter((place) => place.isOver()).length
  }

  private hasPlace(slots: number): boolean {
    return this.waiters.length === 0 && this.admits(slots)
  }

  private admits(slots: number): boolean {
    return (
      this.running < this.maxRunning &&
      (this.running === 0 || this.fits([...Array.from(this.inside, (place) => place.slots), slots]))
    )
  }

  /** A place that is given up goes to who has waited longest. */
  private pass(place: Place): void {
    this.inside.delete(place)
    this.letIn()
    if (this.running > 0) return
    for (const resolve of this.idle.splice(0)) resolve()
  }

  private letIn(): void {
    while (this.waiters.length > 0 && this.admits(this.waiters[0].slots)) {
      const first = this.waiters.shift()!
      this.inside.add(first)
      first.letIn()
    }
  }
}

function isBefore(one: Waiter, other: Waiter): boolean {
  if (one.whose.urgency !== other.whose.urgency) return one.whose.urgency === 'interactive'
  return one.turn < other.turn
}
