/** Python's arithmetic, and subscripts. */
import { percent } from './format.js'
import {
  asIndex,
  codePoints,
  isDict,
  isInteger,
  isNumeric,
  Markup,
  Range,
  TemplateError,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values.js'

/** Longest text or list that `*` makes, in characters or items. */
const LONGEST = 10_000_000

/** `a operator b`. Throws `TemplateError` for types that it is not for. */
export function calculate(operator: string, a: Value, b: Value): Value {
  for (const side of [a, b]) if (side instanceof Undefined) throw new TemplateError(side.hint)
  if (operator === '%' && typeof a === 'string') return percent(a, b)
  if (isNumeric(a) && isNumeric(b)) {
    if (isInteger(a) && isInteger(b)) return ofWholes(operator, BigInt(a), BigInt(b))
    return ofFloats(operator, Number(a), Number(b))
  }
  if (operator === '+') {
    if ((a instanceof Markup && isText(b)) || (b instanceof Markup && isText(a)))
      return new Markup(marked(a) + marked(b))
    if (typeof a === 'string' && typeof b === 'string') return a + b
    if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b]
    if (a instanceof Tuple && b instanceof Tuple) return new Tuple([...a.items, ...b.items])
    if (typeof a === 'string') throw new TemplateError(`can only concatenate str (not "${typeName(b)}") to str`)
  }
  if (operator === '*') {
    const repeated = isInteger(b) ? repeat(a, Number(b)) : isInteger(a) ? repeat(b, Number(a)) : undefined
    if (repeated !== undefined) return repeated
  }
  throw new TemplateError(`unsupported operand type(s) for ${operator}: '${typeName(a)}' and '${typeName(b)}'`)
}

const isText = (value: Value): value is string | Markup => typeof value === 'string' || value instanceof Markup

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&#34;' }

/** Plain text beside marked text is escaped for HTML. */
function marked(value: Value): string {
  if (value instanceof Markup) return value.text
  return String(value).replace(/[&<>'"]/g, (character) => HTML[character])
}

function repeat(value: Value, times: number): Value | undefined {
  const count = Math.max(0, times)
  const length = typeof value === 'string' ? value.length : Array.isArray(value) ? value.length : 1
  if (length * count > LONGEST) throw new TemplateError(`a template may not make more than ${LONGEST} items by "*"`)
  if (typeof value === 'string') return value.repeat(count)
  const items = Array.isArray(value) ? value : value instanceof Tuple ? value.items : undefined
  if (!items) return undefined
  const all = Array.from({ length: count }, () => items).flat()
  return Array.isArray(value) ? all : new Tuple(all)
}

function ofWholes(operator: string, a: bigint, b: bigint): Value {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      if (b === 0n) throw new TemplateError('division by zero')
      return Number(a) / Number(b)
    case '**':
      if (b < 0n) return Number(a) ** Number(b)
      if (b > 4096n) throw new TemplateError(`exponents are at most 4096; got ${b}`)
      return a ** b
  }
  if (b === 0n) throw new TemplateError('integer division or modulo by zero')
  // Rounded down, where JavaScript rounds towards zero.
  const rest = ((a % b) + b) % b
  return operator === '%' ? rest : (a - rest) / b
}

function ofFloats(operator: string, a: number, b: number): Value {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '**':
      return a ** b
  }
  if (b === 0) throw new TemplateError(operator === '/' ? 'float division by zero' : 'float modulo')
  if (operator === '/') return a / b
  const rest = a % b
  const modulo = rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest
  // The quotient is whole but for rounding.
  return operator === '%' ? modulo : Math.floor((a - modulo) / b + 0.5)
}

export function negate(value: Value, operator: '+' | '-'): Value {
  if (value instanceof Undefined) throw new TemplateError(value.hint)
  if (!isNumeric(value)) throw new TemplateError(`bad operand type for unary ${operator}: '${typeName(value)}'`)
  const number = typeof value === 'boolean' ? BigInt(value) : value
  return operator === '-' ? -number : number
}

/** `value[key]`, undefined where there is none. Throws `TemplateError` for a key that cannot be one. */
export function itemOf(value: Value, key: Value): Value | undefined {
  if (value instanceof Undefined) throw new TemplateError(value.hint)
  if (isDict(value)) return isHashable(key) ? value.get(key) : undefined
  if (!isInteger(key)) return undefined
  if (typeof value === 'string') return codePoints(value).at(Number(key))
  const items = Array.isArray(value) ? value : value instanceof Tuple || value instanceof Range ? value.items : []
  return items.at(Number(key))
}

const isHashable = (key: Value): boolean => !Array.isArray(key) && !isDict(key)

/** `value[start:stop:step]`, undefined for what has no parts in an order. */
export function sliceOf(value: Value, start: Value, stop: Value, step: Value): Value | undefined {
  if (value instanceof Undefined) throw new TemplateError(value.hint)
  if (typeof value === 'string') return [...pick(codePoints(value), start, stop, step)].join('')
  if (Array.isArray(value)) return pick(value, start, stop, step)
  if (value instanceof Tuple) return new Tuple(pick(value.items, start, stop, step))
  if (value instanceof Range)
    throw new TemplateError('a slice of a range is not known here; add "| list" to the template')
  return undefined
}

function pick<T>(items: ArrayLike<T>, startAt: Value, stopAt: Value, stepBy: Value): T[] {
  const step = stepBy === null ? 1 : asIndex(stepBy)
  if (step === 0) throw new TemplateError('slice step cannot be zero')
  const { length } = items
  const [least, most] = step > 0 ? [0, length] : [-1, length - 1]
  const place = (value: Value, otherwise: number): number => {
    if (value === null) return otherwise
    const index = asIndex(value)
    return Math.min(most, Math.max(least, index < 0 ? index + length : index))
  }
  const [start, stop] = [place(startAt, step > 0 ? least : most), place(stopAt, step > 0 ? most : least)]
  const picked: T[] = []
  for (let i = start; step > 0 ? i < stop : i > stop; i += step) picked.push(items[i])
  return picked
}
