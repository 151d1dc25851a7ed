/**
 * Prompts on their way into the target's cache: every pass takes the next rows of all who wait along. First come, first served, by equal shares of the rows: a
 * long prompt holds up neither the short ones behind it nor, for longer than its rows of one pass, those who decode. Equal prompts, as those of several choices, are read once.
 */
import { joined } from '../joined.js'
import type { ModelRunner } from '../plugin/model-runner.js'
import type { Passes } from '../plugin/run-together.js'
import type { Lifetime } from './lifetime.js'
import type { Recorder } from './recorder.js'
import { observe, type Sequence } from './sequence.js'

/** Prompt rows that a pass takes along while others decode: each makes it longer. One of streamed weights has as many as it has room for. */
export const SHARED_ROWS = 32

interface Reader {
  sequence: Sequence
  lifetime: Lifetime
  /** Has the same prompt and came before: its rows are copied as they come. */
  twin: Sequence | null
  resolve(): void
  reject(error: unknown): void
}

export class Prompts {
  private readers: Reader[] = []
  /** Those who have rows in the pass that was begun last. */
  private inPass: Reader[] = []
  /** Those whose prompts are read or being read. */
  private open: Sequence[] = []

  constructor(
    private readonly target: ModelRunner,
    private readonly recorder: Recorder,
  ) {}

  /** Requests whose prompts are not read to the end. */
  get waiting(): number {
    return this.readers.length
  }

  /** Resolves when all of the prompt but its last token, which is the first tree's root, lies in the cache, or its request is over. */
  read(sequence: Sequence, lifetime: Lifetime): Promise<void> {
    const twin = this.open.find((other) => other.cache.isOpen && isTwin(other, sequence)) ?? null
    this.open.push(sequence)
    return new Promise((resolve, reject) => this.readers.push({ sequence, lifetime, twin, resolve, reject }))
  }

  /** The next rows of those who wait, for one pass to take along; `settle` or `fail` comes after it. `amongOthers`: there are some who decode. */
  chunks(amongOthers: boolean): Passes<null>[] {
    this.settle()
    for (const { sequence, twin } of this.readers) if (twin?.cache.isOpen) this.copy(twin, sequence)
    this.settle()
    const alone = this.readers.filter(({ twin }) => !twin?.cache.isOpen)
    const counts = shares(alone.map(({ sequence }) => left(sequence)), amongOthers ? this.sharedRows : this.target.limits.maxRows)
    this.inPass = []
    return alone.flatMap((reader, i) => (counts[i] > 0 ? [this.chunk(reader, counts[i])] : []))
  }

  private get sharedRows(): number {
    const { forward, limits } = this.target
    return forward.kind === 'streamed' ? limits.maxRows - limits.maxLogitRows : SHARED_ROWS
  }

  /** Lets go of those who have read all or whose request is over, and of sequences that are gone. */
  settle(): void {
    this.open = this.open.filter(({ cache }) => cache.isOpen)
    const isDone = ({ sequence, lifetime }: Reader): boolean => lifetime.isOver || left(sequence) === 0
    for (const reader of this.readers) if (isDone(reader)) reader.resolve()
    this.readers = this.readers.filter((reader) => !isDone(reader))
  }

  /** The pass failed. */
  fail(error: unknown): void {
    for (const reader of this.inPass) reader.reject(error)
    this.readers = this.readers.filter((reader) => !this.inPass.includes(reader))
  }

  private *chunk(reader: Reader, rows: number): Passes<null> {
    const { target } = this
    const { sequence } = reader
    const { cache, tokens } = sequence
    this.inPass.push(reader)
    yield* target.appending(cache, tokens.slice(cache.length, cache.length + rows), false, { wrote: (hidden) => observe(sequence, hidden, target.forward.info.hidden) })
    return null
  }

  /** What the one has read and the other has not. */
  private copy(from: Sequence, to: Sequence): void {
    const at = to.cache.length
    const count = Math.min(from.cache.length - at, left(to))
    if (count <= 0) return
    this.target.restore(to.cache, this.target.save(from.cache, at, count), count)
    observe(to, joined(Float32Array, from.features.slice(at, at + count)), this.target.forward.info.hidden)
    to.cachedTokens += count
    this.recorder.reuse(count)
  }
}

/** Rows of the prompt that are still to be read. */
function left({ cache, promptLength }: Sequence): number {
  return Math.max(0, promptLength - 1 - cache.length)
}

function isTwin(one: Sequence, other: Sequence): boolean {
  if (one.promptLength !== other.promptLength) return false
  for (let i = 0; i < one.promptLength; i++) if (one.tokens[i] !== other.tokens[i]) return false
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
