/**
 * Continuous batching by demand. A reader asks for the next part of its sequence's answer; one step is made for all who
 * have asked. So sequences join and leave between steps, and a slow reader holds up nobody but itself.
 *
 * Everything that touches the models happens in this loop, one thing at a time:
 *
 *     jobs (sequences opened and ended)  ->  one step of those who asked, with rows of prompts  ->  again
 */
import { setImmediate } from 'node:timers/promises'
import type { ModelRunner } from '../passes/model-runner.js'
import type { Passes } from '../passes/pass-part.js'
import { runTogether } from '../passes/run-together.js'
import { Prompts } from './prompts.js'
import type { Run } from './run.js'
import type { Sequence } from './sequence.js'
import { step, type StepContext } from './step.js'
import type { GeneratePart } from '../api/types.js'

/** Milliseconds that jobs may take between two steps: those who decode wait meanwhile. */
const JOBS_MS = 4

interface Turn {
  sequence: Sequence
  resolve(part: GeneratePart | null): void
  reject(error: unknown): void
}

export class Batch {
  /** Each settles what was asked for. */
  private readonly jobs: (() => Promise<void>)[] = []
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
    private readonly prompts: Prompts,
  ) {}

  /** Does something with the models between two steps: opening a sequence, keeping what it leaves. */
  between<T>(work: () => T | Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.jobs.push(async () => {
        try {
          resolve(await work())
        } catch (error) {
          reject(error)
        }
      })
      this.start()
    })
  }

  /**
   * Reads a sequence's prompt, in steps of those who decode and with the prompts of others; resolves at its end, or
   * when the request is over.
   */
  readPrompt(sequence: Sequence, run: Run): Promise<void> {
    const read = this.prompts.read(sequence, run)
    this.start()
    return read
  }

  /** Those who decode. */
  get decoding(): Sequence[] {
    return [...this.members]
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

  /** Resolves when nothing is being done. */
  async idle(): Promise<void> {
    await this.running
  }

  private start(): void {
    this.running ??= this.run()
  }

  private async run(): Promise<void> {
    // Others may ask in the same tick: one step for all of them.
    await Promise.resolve()
    while (this.jobs.length > 0 || this.prompts.waiting > 0 || this.turns.length > 0) {
      const didJobs = this.jobs.length > 0
      await this.timed(() => this.doJobs())
      // One turn of the event loop before the step. In it, sequences that jobs have just opened ask for their prompts
      // to be read, and readers that got a part of the last step ask for the next one.
      if (didJobs || this.turns.length < this.members.size) await setImmediate()
      // Nobody decodes and more requests are about to begin: open them first, so that one pass reads all prompts.
      if (this.jobs.length > 0 && this.members.size === 0) continue
      const turns = this.turns
      this.turns = []
      await this.timed(async () => {
        const [first = [], ...others] = this.groupsOf(turns)
        await this.pass(first, true)
        for (const group of others) await this.pass(group, false)
      })
      for (const { memory } of this.runners) await memory.settle()
    }
    // No await since the loop's last condition: whoever asks later finds `running` null and starts the loop again.
    this.running = null
  }

  private async doJobs(): Promise<void> {
    const end = performance.now() + JOBS_MS
    do await this.jobs.shift()?.()
    while (this.jobs.length > 0 && performance.now() < end)
  }

  private async timed(work: () => Promise<void>): Promise<void> {
    const started = performance.now()
    await work()
    this.busyMs += performance.now() - started
  }

  /** A step, `withPrompts` with rows of prompts; these alone where nobody asks for one. */
  private async pass(turns: readonly Turn[], withPrompts: boolean): Promise<void> {
    try {
      const chunks: readonly Passes<null>[] = withPrompts ? await this.prompts.chunks(this.decoding) : []
      const parts =
        turns.length > 0
          ? await step(
              this.context,
              turns.map(({ sequence }) => sequence),
              chunks,
            )
          : []
      if (turns.length === 0) await runTogether(chunks)
      turns.forEach(({ resolve }, i) => resolve(parts[i]))
      if (withPrompts) await this.prompts.passed()
    } catch (error) {
      for (const { reject } of turns) reject(error)
      if (withPrompts) this.prompts.fail(error)
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
