/**
 * Counts characters of strings and items of lists along a JSON text, byte by byte, and says where a count goes beyond
 * its bounds. It takes JSON for granted: the grammar lets nothing else through.
 */
import type { Bounds } from './json-bounds.js'
import { BACKSLASH, QUOTE, UNICODE } from './json-text.js'
import type { LengthRange } from './schema-strings.js'

/** A list or an object that is open. Never changed, since copies of a counter share it. */
interface Frame {
  readonly isList: boolean
  readonly bounds: Bounds | null
  /** Items begun. */
  readonly count: number
  readonly outer: Frame | null
}

const COMMA = 0x2c
const COLON = 0x3a
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]

/** What runs along an answer and counts. */
export interface Counter {
  /** False where a bound is broken. */
  push(byte: number): boolean
  copy(): this
  /** Makes this one what another is. */
  become(other: this): this
  /** Characters that the open string or name can still take; null: not in one, or inside an escape. */
  readonly room: number | null
  /** Whether no token can break a bound here. */
  readonly isIdle: boolean
}

export class JsonCounter implements Counter {
  private frame: Frame | null = null
  /** Bounds of the value that comes next, or is open. */
  private value: Bounds | null
  private where: 'outside' | 'name' | 'string' = 'outside'
  /** Bytes of an escape still to come; -1: the one that says how many. */
  private escape = 0
  private characters = 0
  /** The name being read, one character a byte. */
  private name = ''
  private expectsName = false
  /** Whether the outermost value, a list or an object, is complete. */
  private complete = false

  constructor(bounds: Bounds | null) {
    this.value = bounds
  }

  copy(): this {
    return new JsonCounter(null).become(this) as this
  }

  become(other: JsonCounter): this {
    this.frame = other.frame
    this.value = other.value
    this.where = other.where
    this.escape = other.escape
    this.characters = other.characters
    this.name = other.name
    this.expectsName = other.expectsName
    this.complete = other.complete
    return this
  }

  get isComplete(): boolean {
    return this.complete
  }

  readonly isIdle = false

  get room(): number | null {
    if (this.where === 'outside' || this.escape !== 0) return null
    return this.where === 'name' ? Infinity : most(this.value?.text) - this.characters
  }

  /** False where a bound is broken. */
  push(byte: number): boolean {
    if (this.where !== 'outside') return this.inString(byte)
    switch (byte) {
      case QUOTE:
        this.where = this.expectsName ? 'name' : 'string'
        this.characters = 0
        this.name = ''
        return this.expectsName || this.begins()
      case OPEN_LIST:
      case OPEN_OBJECT: {
        if (!this.begins()) return false
        const isList = byte === OPEN_LIST
        this.frame = { isList, bounds: this.value, count: 0, outer: this.frame }
        this.expectsName = !isList
        return true
      }
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        return this.closes()
      case COMMA:
        return this.separates()
      case COLON:
        return true
      default:
        // Blanks; else a number or a word begins or goes on.
        return byte <= 0x20 || this.begins()
    }
  }

  /** A list's first item; all others are announced by their comma. */
  private begins(): boolean {
    return this.frame?.isList && this.frame.count === 0 ? this.nextItem(this.frame) : true
  }

  private separates(): boolean {
    const { frame } = this
    if (frame?.isList) return this.nextItem(frame)
    this.expectsName = true
    return true
  }

  private nextItem(frame: Frame): boolean {
    const count = frame.count + 1
    this.frame = { ...frame, count }
    const { bounds } = frame
    this.value = bounds && (count <= bounds.firsts.length ? bounds.firsts[count - 1] : bounds.rest)
    return count <= (bounds?.items?.most ?? Infinity)
  }

  private closes(): boolean {
    const { frame } = this
    if (!frame) return true
    this.frame = frame.outer
    this.expectsName = false
    this.complete = frame.outer === null
    return !frame.isList || frame.count >= (frame.bounds?.items?.least ?? 0)
  }

  private inString(byte: number): boolean {
    if (this.where === 'name') this.name += String.fromCharCode(byte)
    if (this.escape !== 0) {
      this.escape = this.escape > 0 ? this.escape - 1 : byte === UNICODE ? 4 : 0
      return true
    }
    if (byte === QUOTE) return this.endsString()
    if (byte === BACKSLASH) this.escape = -1
    // Bytes that go on in a character are no character of their own.
    if ((byte & 0xc0) === 0x80) return true
    this.characters += 1
    return this.where === 'name' || this.characters <= most(this.value?.text)
  }

  private endsString(): boolean {
    const isName = this.where === 'name'
    this.where = 'outside'
    if (!isName) return this.characters >= (this.value?.text?.least ?? 0)
    this.expectsName = false
    const bounds = this.frame?.bounds
    this.value = bounds ? (memberOf(bounds, this.name) ?? null) : null
    return true
  }
}

const most = (range: LengthRange | null | undefined): number => range?.most ?? Infinity

/** `spelled`: the name's bytes as JSON text with its closing quote. */
function memberOf(bounds: Bounds, spelled: string): Bounds | null {
  const name = JSON.parse(`"${Buffer.from(spelled, 'latin1').toString()}`) as string
  return bounds.members.has(name) ? bounds.members.get(name)! : bounds.others
}
