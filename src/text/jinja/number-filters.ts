/** Filters of numbers. */
import { fixed } from './format.js'
import { negate } from './operators.js'
import { strip } from './cut-text.js'
import { asIndex, isInteger, isNumeric, TemplateError, typeName, Undefined, type Call, type Value } from './values.js'
import { bind, ofOne } from './arguments.js'

const WHOLE = /^[-+]?\d+(?:_\d+)*$/
const DECIMAL = /^[-+]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i

function wholeOf(value: Value, base: number): bigint | undefined {
  if (isInteger(value)) return BigInt(value)
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined
  if (typeof value !== 'string') return undefined
  const text = strip(value, null).replaceAll('_', '')
  if (base !== 10) return inBase(text, base)
  if (WHOLE.test(text)) return BigInt(text.replace('+', ''))
  const float = floatOf(text)
  return float === undefined || !Number.isFinite(float) ? undefined : BigInt(Math.trunc(float))
}

function inBase(text: string, base: number): bigint | undefined {
  const prefix = { 2: '0b', 8: '0o', 16: '0x' }[base]
  if (prefix === undefined) throw new TemplateError(`int: the base ${base} is not known here`)
  const digits = text.toLowerCase().replace(prefix, '')
  try {
    return BigInt(prefix + digits)
  } catch {
    return undefined
  }
}

function floatOf(value: Value): number | undefined {
  if (isNumeric(value)) return Number(value)
  if (typeof value !== 'string') return undefined
  const text = strip(value, null).replaceAll('_', '')
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
