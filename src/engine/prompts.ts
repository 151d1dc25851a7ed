/**
 * Prompts on their way into the target's cache: every pass takes the next rows of all who wait along. First come, first
 * served, by equal shares of the rows: a long prompt holds up neither the short ones behind it nor, for longer than its
 * rows of one pass, those who decode. Equal prompts, as those of several choices, are read once.
 */
import { joined } from '../common/joined.js'
import { appending } from '../passes/appending.js'
import { lanesFor } from '../passes/lanes.js'
import type { ModelRunner } from '../passes/model-runner.js'
import type { Passes } from '../passes/pass-part.js'
import type { SequenceCache } from '../passes/sequence-cache.js'
import type { Recorder } from '../observe/recorder.js'
import { passMs, type PassTimes } from '../speculation/pass-times.js'
import type { Run } from './run.js'
import { observe, type Sequence } from './sequence.js'

/**
 * Prompt rows of a pass of their own between two steps, and of how many prompts: about as long as a step is when others
 * decode by the dozen.
 */
export const APART = { rows: 64, prompts: 4 }

interface Reader {
  sequence: Sequence
  run: Run
  /** Has the same prompt and came before: its rows are copied as they come. */
  twin: Sequence | null
  /** Its rows again, in the cache for prompts alone; they may lag behind. */
  apart: SequenceCache | null
  resolve(): void
  reject(error: unknown): void
}

export class Prompts {
  private readers: Reader[] = []
  /** Those who have rows in the pass that was begun last. */
  private inPass: Reader[] = []
  /** Whether it was over the cache for prompts alone. */
  private isApart = false
  /** Those whose prompts are read or being read. */
  private open: Sequence[] = []

  /**
   * `apart`: the target over a small cache of its own. In a pass, attention works on as many rows of every lane as of
   * the one that has most, so that a prompt read among sixteen who decode one token each costs sixteen times its own
   * attention. Where that is more than another reading of the weights, prompts get passes of their own.
   */
  constructor(
    private readonly target: ModelRunner,
    private readonly apart: ModelRunner | null,
    private readonly times: PassTimes,
    private readonly recorder: Recorder,
  ) {}

  /** Requests whose prompts are not read to the end. */
  get waiting(): number {
    return this.readers.length
  }

  /**
   * Resolves when all of the prompt but its last token, which is the first tree's root, lies in the cache, or its
   * request is over.
   */
  read(sequence: Sequence, run: Run): Promise<void> {
    const twin = this.open.find((other) => other.cache.isOpen && isTwin(other, sequence)) ?? null
    this.open.push(sequence)
    return new Promise((resolve, reject) => this.readers.push({ sequence, run, twin, apart: null, resolve, reject }))
  }

  /** The next rows of those who wait, for a step among those who decode; `passed` or `fail` comes after it. */
  async chunks(decoding: readonly Sequence[]): Promise<Passes<null>[]> {
    this.settle()
    this.inPass = this.readers
    for (const { sequence, twin } of this.readers) if (twin?.cache.isOpen) await this.copy(twin, sequence)
    this.settle()
    const alone = this.readers.filter(({ twin }) => !twin?.cache.isOpen)
    const counts = shares(
      alone.map(({ sequence }) => left(sequence)),
      decoding.length > 0 ? this.sharedRows : this.target.limits.maxRows,
    )
    const countsApart = shares(
      alone.slice(0, APART.prompts).map(({ sequence }) => left(sequence)),
      APART.rows,
    )
    this.isApart = decoding.length > 0 && alone.length > 0 && this.paysApart(alone, counts, countsApart, decoding)
    const rows = this.isApart ? countsApart : counts
    this.inPass = alone.filter((_, i) => (rows[i] ?? 0) > 0)
    if (this.isApart) for (const reader of this.inPass) await this.catchUp(reader)
    return this.inPass.map((reader) => this.chunk(reader, rows[alone.indexOf(reader)]))
  }

  /** Whether a prompt row takes less time in a pass of its own than in one with those who decode. */
  private paysApart(
    readers: readonly Reader[],
    along: readonly number[],
    apart: readonly number[],
    decoding: readonly Sequence[],
  ): boolean {
    if (!this.apart) return false
    const {
      times,
      target: { forward },
    } = this
    const lengths = readers.map(({ sequence }, i) => sequence.cache.length + Math.max(along[i], apart[i] ?? 0))
    const context = Math.max(...lengths, ...decoding.map(({ tokens }) => tokens.length))
    const withRows = (rows: number, most: number): number =>
      passMs(times, decoding.length + rows, context, forward.cache.lanes * most)
    const alongMs = withRows(sum(along), Math.max(...along)) - withRows(0, 1)
    const apartMs = passMs(
      times,
      sum(apart),
      Math.max(...lengths.slice(0, apart.length)),
      lanesFor(apart.length) * Math.max(...apart),
    )
    return apartMs / sum(apart) < alongMs / sum(along)
  }

  private get sharedRows(): number {
    const { forward, limits } = this.target
    const { rowsPerPass } = forward.traits
    return Number.isFinite(rowsPerPass) ? rowsPerPass : limits.maxRows - limits.maxLogitRows
  }

  /** The pass is over: rows that were read apart are copied to their sequences. */
  async passed(): Promise<void> {
    const { target, apart: runner } = this
    if (this.isApart)
      for (const { sequence, apart } of this.inPass)
        await carry({ runner: runner!, cache: apart! }, { runner: target, cache: sequence.cache }, apart!.length)
    this.inPass = []
    this.settle()
  }

  /** Lets go of those who have read all or whose request is over, and of sequences that are gone. */
  private settle(): void {
    this.open = this.open.filter(({ cache }) => cache.isOpen)
    const isDone = ({ sequence, run }: Reader): boolean => run.isOver || left(sequence) === 0
    const done = this.readers.filter(isDone)
    this.readers = this.readers.filter((reader) => !done.includes(reader))
    for (const { apart, resolve } of done) {
      apart?.release()
      resolve()
    }
  }

  /** The pass failed. */
  fail(error: unknown): void {
    this.readers = this.readers.filter((reader) => !this.inPass.includes(reader))
    for (const { apart, reject } of this.inPass) {
      apart?.release()
      reject(error)
    }
  }

  private *chunk({ sequence, apart }: Reader, rows: number): Passes<null> {
    const { runner, cache } = this.isApart
      ? { runner: this.apart!, cache: apart! }
      : { runner: this.target, cache: sequence.cache }
    const chunk = sequence.tokens.slice(cache.length, cache.length + rows)
    yield* appending(runner, cache, chunk, false, {
      wrote: (features) => observe(sequence, features, runner.forward.info.features.written),
    })
    return null
  }

  /** Before its next rows are read in the cache for prompts alone: copies there what was read elsewhere. */
  private async catchUp(reader: Reader): Promise<void> {
    const { cache } = reader.sequence
    const runner = this.apart!
    reader.apart ??= runner.memory.open()
    await carry({ runner: this.target, cache }, { runner, cache: reader.apart }, cache.length)
  }

  /** What the one has read and the other has not. */
  private async copy(from: Sequence, to: Sequence): Promise<void> {
    const at = to.cache.length
    const count = Math.min(from.cache.length - at, left(to))
    if (count <= 0) return
    const { memory, forward } = this.target
    await memory.copy(memory, from.cache, to.cache, count)
    observe(to, joined(Float32Array, from.features.slice(at, at + count)), forward.info.features.written)
    this.recorder.reuse(to.record, count)
  }
}

/** A sequence's rows in a model's cache. */
interface Place {
  runner: ModelRunner
  cache: SequenceCache
}

/** Copies the rows that `to` lacks of the first `length`. */
async function carry(from: Place, to: Place, length: number): Promise<void> {
  const count = length - to.cache.length
  if (count > 0) await to.runner.memory.copy(from.runner.memory, from.cache, to.cache, count)
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0)
}

/** Rows of the prompt that are still to be read. */
function left({ cache, givenLength }: Sequence): number {
  return Math.max(0, givenLength - 1 - cache.length)
}

function isTwin(one: Sequence, other: Sequence): boolean {
  if (one.givenLength !== other.givenLength) return false
  for (let i = 0; i < one.givenLength; i++) if (one.tokens[i] !== other.tokens[i]) return false
  return true
}

/** What each of those who want so many rows gets of `room` in all; what one does not need goes to those behind it. */
function shares(wanted: readonly number[], room: number): number[] {
  return wanted.map((rows, i) => {
    const share = Math.min(rows, Math.ceil(room / (wanted.length - i)))
    room -= share
    return share
  })
}
