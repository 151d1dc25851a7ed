/** Filters of numbers. */
import { fixed } from './format.js'
import { negate } from './operators.js'
import { strip } from './cut-text.js'
import { asIndex, isInteger, isNumeric, TemplateError, typeName, Undefined, type Call, type Value } from './values.js'
import { bind, ofOne } from './arguments.js'

const WHOLE = /^[-+]?\d+$/
const DECIMAL = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i
const NO_NUMBER = /^([-+]?)(?:(inf(?:inity)?)|nan)$/i
const PREFIXES: Readonly<Record<number, string>> = { 2: '0b', 8: '0o', 16: '0x' }

/** A number's spelling without white space around it, and without underscores between its digits. */
const spelling = (text: string): string => strip(text, null).replace(/(?<=[\da-f])_(?=[\da-f])/gi, '')

function wholeOf(value: Value, base: number): bigint | undefined {
  if (isInteger(value)) return BigInt(value)
  if (typeof value === 'string') {
    const text = spelling(value)
    const whole = base === 10 ? (WHOLE.test(text) ? BigInt(text.replace('+', '')) : undefined) : inBase(text, base)
    if (whole !== undefined) return whole
  }
  // What is no whole number in its base is read as a float, as jinja2 does.
  const float = floatOf(value)
  return float === undefined || !Number.isFinite(float) ? undefined : BigInt(Math.trunc(float))
}

function inBase(text: string, base: number): bigint | undefined {
  const prefix = PREFIXES[base]
  if (prefix === undefined) throw new TemplateError(`int: the base ${base} is not known here`)
  const [, sign, digits] = new RegExp(String.raw`^([-+]?)(?:${prefix})?(\w+)$`, 'i').exec(text) ?? []
  if (digits === undefined) return undefined
  try {
    const size = BigInt(prefix + digits)
    return sign === '-' ? -size : size
  } catch {
    return undefined
  }
}

function floatOf(value: Value): number | undefined {
  if (isNumeric(value)) return Number(value)
  if (typeof value !== 'string') return undefined
  const text = spelling(value)
  const [unusual, sign, infinite] = NO_NUMBER.exec(text) ?? []
  if (unusual !== undefined) return infinite === undefined ? Number.NaN : Number(`${sign}Infinity`)
  return DECIMAL.test(text) ? Number(text) : undefined
}

const round: Call = (args, named) => {
  const [value = null, precision = 0n, method = 'common'] = bind('round', ['value', 'precision', 'method'], args, named)
  const digits = asIndex(precision)
  if (!isNumeric(value)) throw new TemplateError(`type ${typeName(value)} doesn't define __round__ method`)
  if (method === 'common') {
    if (digits < 0) throw new TemplateError('round: a negative precision is not known here')
    return isInteger(value) ? BigInt(value) : Number(fixed(value, digits))
  }
  if (method !== 'ceil' && method !== 'floor') throw new TemplateError('method must be common, ceil or floor')
  const scale = 10 ** digits
  return Math[method](Number(value) * scale) / scale
}

export const NUMBER_FILTERS: Readonly<Record<string, Call>> = {
  abs: ofOne('abs', (value) => {
    if (value instanceof Undefined) throw new TemplateError(value.hint)
    if (!isNumeric(value)) throw new TemplateError(`bad operand type for abs(): '${typeName(value)}'`)
    return Number(value) < 0 ? negate(value, '-') : negate(value, '+')
  }),
  int: (args, named) => {
    const [value = null, otherwise = 0n, base = 10n] = bind('int', ['value', 'default', 'base'], args, named)
    return wholeOf(value, asIndex(base)) ?? otherwise
  },
  float: (args, named) => {
    const [value = null, otherwise = 0] = bind('float', ['value', 'default'], args, named)
    return floatOf(value) ?? otherwise
  },
  round,
}
