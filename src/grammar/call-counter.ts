/** Counts the lengths of tools' arguments along an answer: free text, then calls in the form a model writes them. */
import type { CallFormat } from '../text/tools/call-format.js'
import type { Bounds } from './json-bounds.js'
import { JsonCounter, type Counter } from './json-counter.js'

/** A `CallFormat` as bytes: each text has one character a byte (latin1). */
export interface CallTexts {
  open: string
  next: string | null
  /** Bounds of a tool's arguments, by what stands before them: its name and `middle`. */
  heads: ReadonlyMap<string, Bounds | null>
}

export function callTexts(
  { open, middle, next }: CallFormat,
  tools: readonly { name: string; bounds: Bounds | null }[],
): CallTexts {
  const heads = new Map(tools.map(({ name, bounds }) => [bytesOf(name + middle), bounds]))
  return { open: bytesOf(open), next: next === null ? null : bytesOf(next), heads }
}

const bytesOf = (text: string): string => Buffer.from(text).toString('latin1')

export class CallCounter implements Counter {
  private stage: 'text' | 'head' | 'arguments' | 'after' = 'text'
  /** What was read in this stage, or the end of it. */
  private read = ''
  private json: JsonCounter | null = null

  constructor(private readonly texts: CallTexts) {}

  copy(): this {
    return new CallCounter(this.texts).become(this) as this
  }

  become(other: CallCounter): this {
    this.stage = other.stage
    this.read = other.read
    this.json = other.json?.copy() ?? null
    return this
  }

  get room(): number | null {
    return this.json?.room ?? null
  }

  get isIdle(): boolean {
    return this.stage === 'text'
  }

  push(byte: number): boolean {
    const { open, next, heads } = this.texts
    if (this.json) {
      const kept = this.json.push(byte)
      if (this.json.isComplete) this.enter('after')
      return kept
    }
    this.read += String.fromCharCode(byte)
    if (this.stage === 'head') {
      const bounds = heads.get(this.read)
      if (bounds !== undefined) this.enter('arguments', new JsonCounter(bounds))
      return true
    }
    const awaited = this.stage === 'text' ? open : next
    if (awaited === null) return true
    this.read = this.read.slice(-awaited.length)
    if (this.read === awaited) this.enter('head')
    return true
  }

  private enter(stage: CallCounter['stage'], json: JsonCounter | null = null): void {
    this.stage = stage
    this.read = ''
    this.json = json
  }
}
