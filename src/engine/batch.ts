/**
 * Continuous batching by demand: whoever wants its sequence to go on asks, and one step is made for all who ask. Sequences so join and leave between
 * steps; a reader that is slow does not ask, which holds up its own sequence and no other. Everything that touches the models happens here, one thing at a
 * time, in the order it was asked for.
 */
import { setImmediate } from 'node:timers/promises'
import type { ModelRunner } from '../plugin/model-runner.js'
import type { Sequence } from './sequence.js'
import { step, type StepContext } from './step.js'
import type { GeneratePart } from './types.js'

interface Asked<T> {
  resolve(value: T): void
  reject(error: unknown): void
}

interface Job {
  /** Settles what was asked for. */
  run(): Promise<void>
}

interface Turn extends Asked<GeneratePart | null> {
  sequence: Sequence
}

export class Batch {
  private readonly jobs: Job[] = []
  private turns: Turn[] = []
  private readonly members = new Set<Sequence>()
  private running: Promise<void> | null = null
  /** Milliseconds in jobs and steps. */
  busyMs = 0

  constructor(
    private readonly context: StepContext,
    /** Those whose lanes may be rearranged between steps. */
    private readonly runners: readonly ModelRunner[],
    /** Most sequences of one pass whose trees together may have this many nodes. */
    private readonly maxRows: number,
  ) {}

  /** Does something with the models between two steps: opening a sequence, reading one chunk of a prompt. One job is done before each step. */
  between<T>(work: () => T | Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.jobs.push({
        run: async () => {
          try {
            resolve(await work())
          } catch (error) {
            reject(error)
          }
        },
      })
      this.start()
    })
  }

  /** From now on steps wait a moment for this sequence to ask. */
  join(sequence: Sequence): void {
    this.members.add(sequence)
  }

  /** A step it asked for and that has not begun goes on without it. */
  leave(sequence: Sequence): void {
    this.members.delete(sequence)
    const at = this.turns.findIndex((turn) => turn.sequence === sequence)
    if (at >= 0) this.turns.splice(at, 1)[0].resolve(null)
  }

  /** The sequence's part of the next step; null where it left before. */
  next(sequence: Sequence): Promise<GeneratePart | null> {
    return new Promise((resolve, reject) => {
      this.turns.push({ sequence, resolve, reject })
      this.start()
    })
  }

  /** Sequences that ask for steps now. */
  get size(): number {
    return this.members.size
  }

  /** Resolves when nothing is being done. */
  async idle(): Promise<void> {
    await this.running
  }

  private start(): void {
    this.running ??= this.run()
  }

  private async run(): Promise<void> {
    // Others may be about to ask, in this very tick.
    await Promise.resolve()
    while (this.jobs.length > 0 || this.turns.length > 0) {
      await this.timed(async () => this.jobs.shift()?.run())
      // Those who got a part of the last step ask again once they have passed it on.
      if (this.turns.length < this.members.size) await setImmediate()
      const turns = this.turns
      this.turns = []
      await this.timed(async () => {
        for (const group of this.groupsOf(turns)) await this.stepFor(group)
      })
      for (const runner of this.runners) runner.settle()
    }
    // In the same tick as the loop's last look: who asks from here on starts it again.
    this.running = null
  }

  private async timed(work: () => Promise<void>): Promise<void> {
    const started = performance.now()
    await work()
    this.busyMs += performance.now() - started
  }

  private async stepFor(turns: readonly Turn[]): Promise<void> {
    try {
      const parts = await step(this.context, turns.map(({ sequence }) => sequence))
      turns.forEach(({ resolve }, i) => resolve(parts[i]))
    } catch (error) {
      for (const { reject } of turns) reject(error)
    }
  }

  /** Pinned trees that are too large to share a pass have one of their own. */
  private groupsOf(turns: readonly Turn[]): Turn[][] {
    const share = Math.floor(this.maxRows / Math.max(1, turns.length))
    const isLarge = ({ sequence: { request } }: Turn): boolean => (request.shape?.parents.length ?? 0) > share
    const together = turns.filter((turn) => !isLarge(turn))
    return [...(together.length > 0 ? [together] : []), ...turns.filter(isLarge).map((turn) => [turn])]
  }
}
