/**
 * JSON text to values, and back, without what `JSON.parse` loses: the digits of numbers that no double holds
 * (`NumberText`) and the order of members whose names are numbers (`ordered`). `__proto__` is a member like any other.
 */
import { Turns } from '../turns.js'
import { NumberText, readNumber } from './number-text.js'
import { ordered } from './ordered.js'
import { endOfString, scan, TooMuchJson } from './scan.js'

/** Values read between two pauses: a millisecond at most. */
const BLOCK = 512
/** Numbers that no double holds in one text of a stranger's: each is an object. */
const MOST_NUMBER_TEXTS = 10_000

const LITERAL = /true|false|null|-?\d[\d.eE+-]*/y

/** A list or an object that has begun; `name`: of the member whose value comes next. */
interface Open {
  values: unknown[]
  entries: [string, unknown][] | null
  name: string | null
}

/**
 * Throws `SyntaxError` like `JSON.parse`. `number`: what becomes of a number's spelling. Nothing here recurses, however
 * deep the text.
 */
export function parseJson(text: string, number: (text: string) => unknown = readNumber): unknown {
  const value: unknown = JSON.parse(text)
  return number !== readNumber || atOnce(scan(text, false)) ? atOnce(read(text, number)) : value
}

function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}

/**
 * As `parseJson`, for texts of strangers: the event loop has its turns meanwhile, and `TooMuchJson` is thrown for more
 * values than are parsed between two of them.
 */
export async function parseJsonInTurns(text: string): Promise<unknown> {
  const turns = new Turns()
  const needsCare = await inTurns(scan(text, true), turns)
  if (turns.due) await turns.next()
  const value: unknown = JSON.parse(text)
  if (turns.due) await turns.next()
  if (!needsCare) return value
  let texts = 0
  const number = (spelled: string): unknown => {
    const read = readNumber(spelled)
    if (read instanceof NumberText && (texts += 1) > MOST_NUMBER_TEXTS)
      throw new TooMuchJson(`it has more than ${MOST_NUMBER_TEXTS} numbers of too many digits`)
    return read
  }
  return inTurns(read(text, number), turns)
}

async function inTurns<T>(work: Generator<void, T>, turns: Turns): Promise<T> {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
    if (turns.due) await turns.next()
  }
}

/** Reads text that is known to be JSON; pauses now and then. */
function* read(text: string, number: (text: string) => unknown): Generator<void, unknown> {
  let values = 0
  const top: Open = { values: [], entries: null, name: null }
  const stack = [top]
  const add = (value: unknown): void => {
    values += 1
    const inner = stack[stack.length - 1]
    if (inner.entries) inner.entries.push([inner.name!, value])
    else inner.values.push(value)
    inner.name = null
  }
  let paused = 0
  for (let at = 0; at < text.length;) {
    if (values - paused > BLOCK) {
      paused = values
      yield
    }
    const character = text[at]
    if (character === '"') {
      const end = endOfString(text, at)
      const inner = stack[stack.length - 1]
      const string = JSON.parse(text.slice(at, end)) as string
      if (inner.entries && inner.name === null) inner.name = string
      else add(string)
      at = end
    } else if (character === '{' || character === '[') {
      stack.push({ values: [], entries: character === '{' ? [] : null, name: null })
      at += 1
    } else if (character === '}' || character === ']') {
      const { values, entries } = stack.pop()!
      add(entries ? ordered(entries) : values)
      at += 1
    } else {
      LITERAL.lastIndex = at
      const literal = LITERAL.exec(text)?.[0]
      if (literal) add(/^[tfn]/.test(literal) ? JSON.parse(literal) : number(literal))
      at += literal?.length ?? 1
    }
  }
  return top.values[0]
}

/** A value as JSON text, digit for digit and in order; undefined members are left out. */
export function writeJson(value: unknown): string {
  if (value instanceof NumberText) return value.text
  if (Array.isArray(value)) return `[${value.map((one) => (one === undefined ? 'null' : writeJson(one))).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, inside]) => inside !== undefined)
  return `{${members.map(([name, inside]) => `${JSON.stringify(name)}:${writeJson(inside)}`).join(',')}}`
}
