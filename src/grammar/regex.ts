/**
 * Regular expressions as grammar expressions: ECMAScript syntax with Unicode, without what is no regular language
 * (look-around, back-references) or needs a view of neighbours (word boundaries). Greedy or lazy makes no difference to
 * which texts match. `\s` and `.` look at ASCII alone: space, tab, \n, \r, \f, \v are white space, and `.` is any
 * character but \n and \r.
 */
import { CLASSES, CONTROLS, LINE_END } from './char-classes.js'
import { anyOf, charClass, complement, hasHalfCharacter, literal, repeated, union, type CharSet } from './ebnf.js'

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

/** Groups in groups. */
const MOST_DEPTH = 100

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

  /** Each outermost alternative has its own `^` and `$`. */
  whole(): string {
    if (this.characters.some(hasHalfCharacter)) throw this.fail('has half a character')
    const ways = [this.anchored()]
    while (this.take('|')) ways.push(this.anchored())
    if (this.at < this.characters.length) throw this.fail('has a ")" without its "("')
    return anyOf(ways)
  }

  private anchored(): string {
    const begins = this.take('^')
    const body = this.sequence()
    const ends = this.take('$')
    if (this.at < this.characters.length && this.peek() !== '|' && this.peek() !== ')') throw this.insideAnchor()
    if (!this.options.search) return body
    const anything = repeated(this.char(complement([])), 0)
    return [begins ? '' : anything, body, ends ? '' : anything].filter(Boolean).join(' ')
  }

  private insideAnchor(): Error {
    return this.fail('has "^" or "$" inside; they may stand at the ends of the whole and of its alternatives only')
  }

  private char(set: CharSet): string {
    const expression = (this.options.char ?? charClass)(set)
    if (expression === null)
      throw this.fail('has a set of characters beyond ASCII that is neither all of them nor few (256 at most)')
    return expression
  }

  private depth = 0

  private alternatives(): string {
    const found = [this.sequence()]
    while (this.take('|')) found.push(this.sequence())
    return anyOf(found)
  }

  private sequence(): string {
    const parts: string[] = []
    while (this.at < this.characters.length && !['|', ')', '$'].includes(this.peek()))
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
        throw this.insideAnchor()
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
    if (++this.depth > MOST_DEPTH) throw this.fail(`has more than ${MOST_DEPTH} groups in each other`)
    const inside = this.alternatives()
    this.depth -= 1
    if (this.peek() === '$') throw this.insideAnchor()
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
    if (character === 'u') return [only(this.peek() === '{' ? this.bracedHex() : this.unit())]
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

  /** Four digits, or two times four: the halves of a surrogate pair. */
  private unit(): number {
    const rest = this.characters.slice(this.at, this.at + 10).join('')
    const pair = /^([dD][89abAB][\da-fA-F]{2})\\u([dD][c-fC-F][\da-fA-F]{2})$/.exec(rest)
    if (!pair) return this.hex(4)
    this.at += 10
    return String.fromCharCode(Number.parseInt(pair[1], 16), Number.parseInt(pair[2], 16)).codePointAt(0)!
  }

  private codePoint(digits: string): number {
    const code = /^[0-9A-Fa-f]+$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN
    if (code >= 0xd800 && code <= 0xdfff) throw this.fail('has half a character')
    if (!(code <= 0x10ffff)) throw this.fail(`has "${digits}" for a character's number; expected one in hexadecimal`)
    return code
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
