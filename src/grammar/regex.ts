/**
 * Regular expressions as grammar expressions: ECMAScript syntax with Unicode, without what is no regular language
 * (look-around, back-references) or needs a view of neighbours (word boundaries). Greedy or lazy makes no difference to
 * which texts match. `\s` and `.` look at ASCII alone: space, tab, \n, \r, \f, \v are white space, and `.` is any
 * character but \n and \r.
 */
import { anyOf, charClass, complement, literal, repeated, union, type CharSet } from './ebnf.js'

export interface RegexOptions {
  /** Words an error; the message names the place. */
  fail(why: string): Error
  /** Expression for one character of a set: as text (the default), or as it is written inside a JSON string. */
  char?(set: CharSet): string | null
  /** Whether a match may be anywhere in the text unless `^` and `$` say otherwise; else the whole text is matched. */
  search?: boolean
}

/** A bound keeps compiling in bounds: a repetition is written out by the library. */
const MOST_REPEATS = 1000

const DIGIT: CharSet = [[0x30, 0x39]]
const WORD: CharSet = union([
  DIGIT,
  [
    [0x41, 0x5a],
    [0x5f, 0x5f],
    [0x61, 0x7a],
  ],
])
const SPACE: CharSet = [
  [9, 13],
  [0x20, 0x20],
]
const LINE_END: CharSet = [
  [10, 10],
  [13, 13],
]
const CLASSES: Readonly<Record<string, CharSet>> = {
  d: DIGIT,
  D: complement(DIGIT),
  w: WORD,
  W: complement(WORD),
  s: SPACE,
  S: complement(SPACE),
}
const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, 0: 0 }

export function regexExpression(pattern: string, options: RegexOptions): string {
  return new RegexReader(pattern, options).whole()
}

class RegexReader {
  private readonly characters: string[]
  private at = 0

  constructor(
    pattern: string,
    private readonly options: RegexOptions,
  ) {
    this.characters = Array.from(pattern)
  }

  whole(): string {
    const begins = this.take('^')
    const ends = this.characters.at(-1) === '$' && !this.isEscaped(this.characters.length - 1)
    if (ends) this.characters.pop()
    const body = this.alternatives()
    if (this.at < this.characters.length) throw this.fail('has a ")" without its "("')
    if ((begins || ends) && this.split) throw this.fail('has "^" or "$" beside "|": put the alternatives in a group')
    const anything = repeated(this.char(complement([])), 0)
    return [this.options.search && !begins ? anything : '', body, this.options.search && !ends ? anything : '']
      .filter(Boolean)
      .join(' ')
  }

  private char(set: CharSet): string {
    const expression = (this.options.char ?? charClass)(set)
    if (expression === null)
      throw this.fail('has a set of characters beyond ASCII that is neither all of them nor few (256 at most)')
    return expression
  }

  /** Whether the outermost level has alternatives. */
  private split = false
  private depth = 0

  private alternatives(): string {
    const found = [this.sequence()]
    while (this.take('|')) found.push(this.sequence())
    if (this.depth === 0) this.split = found.length > 1
    return anyOf(found)
  }

  private sequence(): string {
    const parts: string[] = []
    while (this.at < this.characters.length && this.peek() !== '|' && this.peek() !== ')')
      parts.push(this.quantified(this.atom()))
    return parts.length === 0 ? '""' : parts.join(' ')
  }

  private atom(): string {
    const character = this.next()
    switch (character) {
      case '(':
        return this.group()
      case '[':
        return this.char(this.bracketed())
      case '.':
        return this.char(complement(LINE_END))
      case '\\':
        return this.char(this.escaped())
      case '^':
      case '$':
        throw this.fail(`has "${character}" inside; it may stand at the ends only`)
      case '*':
      case '+':
      case '?':
      case '{':
        throw this.fail(`has "${character}" with nothing to repeat (write "\\${character}" for the character)`)
      default:
        return this.char([only(character.codePointAt(0)!)])
    }
  }

  private group(): string {
    if (this.take('?')) {
      if (this.take('<')) {
        if (this.peek() === '=' || this.peek() === '!') throw this.fail('looks behind, which no grammar can')
        while (this.next() !== '>');
      } else if (!this.take(':')) throw this.fail('looks ahead or sets flags, which no grammar can')
    }
    this.depth += 1
    const inside = this.alternatives()
    this.depth -= 1
    if (!this.take(')')) throw this.fail('has a "(" without its ")"')
    return `(${inside})`
  }

  private quantified(atom: string): string {
    const bounds = this.bounds()
    if (!bounds) return atom
    this.take('?')
    if (['*', '+', '?', '{'].includes(this.peek())) throw this.fail('has two repetitions in a row')
    return repeated(atom, ...bounds)
  }

  private bounds(): [number, number] | null {
    if (this.take('*')) return [0, Infinity]
    if (this.take('+')) return [1, Infinity]
    if (this.take('?')) return [0, 1]
    if (!this.take('{')) return null
    let text = ''
    while (this.peek() !== '}') text += this.next()
    this.next()
    const [, least, comma, most] = /^(\d+)(,)?(\d+)?$/.exec(text) ?? []
    if (least === undefined) throw this.fail(`has "{${text}}", which is no repetition`)
    const bounds: [number, number] = [
      Number(least),
      comma ? (most === undefined ? Infinity : Number(most)) : Number(least),
    ]
    if (bounds[0] > bounds[1]) throw this.fail(`has "{${text}}", whose bounds are the wrong way round`)
    if (bounds[0] > MOST_REPEATS || (bounds[1] > MOST_REPEATS && bounds[1] !== Infinity))
      throw this.fail(`has "{${text}}"; at most ${MOST_REPEATS} repetitions can be counted`)
    return bounds
  }

  private bracketed(): CharSet {
    const negated = this.take('^')
    const sets: CharSet[] = []
    while (this.peek() !== ']') {
      const first = this.member()
      if (this.peek() !== '-' || this.characters[this.at + 1] === ']') {
        sets.push(first)
        continue
      }
      this.next()
      const last = this.member()
      if (!isSingle(first) || !isSingle(last) || first[0][0] > last[0][0])
        throw this.fail('has a range in "[...]" that does not ascend')
      sets.push([[first[0][0], last[0][0]]])
    }
    this.next()
    const set = negated ? complement(union(sets)) : union(sets)
    if (set.length === 0) throw this.fail('has a "[...]" that no character matches')
    return set
  }

  private member(): CharSet {
    const character = this.next()
    if (character !== '\\') return [only(character.codePointAt(0)!)]
    if (this.take('b')) return [only(8)]
    return this.escaped()
  }

  private escaped(): CharSet {
    const character = this.next()
    if (Object.hasOwn(CLASSES, character)) return CLASSES[character]
    if (Object.hasOwn(CONTROLS, character)) return [only(CONTROLS[character])]
    if (character === 'x') return [only(this.hex(2))]
    if (character === 'u') return [only(this.peek() === '{' ? this.bracedHex() : this.hex(4))]
    if (/[0-9A-Za-z]/.test(character)) throw this.fail(`has "\\${character}", which is not supported`)
    return [only(character.codePointAt(0)!)]
  }

  private bracedHex(): number {
    this.next()
    let digits = ''
    while (this.peek() !== '}') digits += this.next()
    this.next()
    return this.codePoint(digits)
  }

  private hex(length: number): number {
    return this.codePoint(Array.from({ length }, () => this.next()).join(''))
  }

  private codePoint(digits: string): number {
    const code = /^[0-9A-Fa-f]+$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN
    if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff))
      throw this.fail(`has "${digits}" for a character's number; expected one in hexadecimal`)
    return code
  }

  private isEscaped(at: number): boolean {
    let slashes = 0
    while (this.characters[at - 1 - slashes] === '\\') slashes++
    return slashes % 2 === 1
  }

  private peek(): string {
    return this.characters[this.at] ?? ''
  }

  private next(): string {
    if (this.at >= this.characters.length) throw this.fail('ends in the middle')
    return this.characters[this.at++]
  }

  private take(character: string): boolean {
    if (this.peek() !== character) return false
    this.at += 1
    return true
  }

  private fail(why: string): Error {
    return this.options.fail(`${why} (at character ${this.at})`)
  }
}

const only = (codePoint: number): readonly [number, number] => [codePoint, codePoint]

const isSingle = (set: CharSet): boolean => set.length === 1 && set[0][0] === set[0][1]

/** One of these texts. */
export function choiceExpression(choices: readonly string[]): string {
  return anyOf(choices.map(literal))
}
