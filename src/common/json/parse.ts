/**
 * JSON text to values, and back, without what `JSON.parse` loses: the digits of numbers that no double holds
 * (`NumberText`) and the order of members whose names are numbers (`ordered`). `__proto__` is a member like any other.
 */
import { NumberText, readNumber } from './number-text.js'
import { ordered } from './ordered.js'

/** Where nothing of this occurs, `JSON.parse` loses nothing: long numbers, exponents, names that are numbers. */
const NEEDS_CARE = /[\d.]{16}|\d[eE]|"(?:\d|\\u003\d)+"\s*:/

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
  return number !== readNumber || NEEDS_CARE.test(text) ? read(text, number) : value
}

/** Reads text that is known to be JSON. */
function read(text: string, number: (text: string) => unknown): unknown {
  const top: Open = { values: [], entries: null, name: null }
  const stack = [top]
  const add = (value: unknown): void => {
    const inner = stack[stack.length - 1]
    if (inner.entries) inner.entries.push([inner.name!, value])
    else inner.values.push(value)
    inner.name = null
  }
  for (let at = 0; at < text.length;) {
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

/** Index after the string's closing quote. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); ; quote = text.indexOf('"', quote + 1)) {
    let escapes = 0
    while (text[quote - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return quote + 1
  }
}

/** A value as JSON text, digit for digit and in order; undefined members are left out. */
export function writeJson(value: unknown): string {
  if (value instanceof NumberText) return value.text
  if (Array.isArray(value)) return `[${value.map((one) => (one === undefined ? 'null' : writeJson(one))).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, inside]) => inside !== undefined)
  return `{${members.map(([name, inside]) => `${JSON.stringify(name)}:${writeJson(inside)}`).join(',')}}`
}
