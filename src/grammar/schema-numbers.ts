/** The keywords of numbers as one expression. */
import { NumberText } from '../common/json/index.js'
import { boundOf, integerRange, MOST_DECIMALS, numberRange, type Bound } from './number-range.js'
import { refused, shown, type Schema } from './schema-keywords.js'

/** Largest bound: numbers are written with at most 15 digits before the point. */
const MOST_NUMBER = 1e15

/** Throws `InvalidArgumentError` with the keyword and its place. */
export function numericExpression(type: 'integer' | 'number', schema: Schema, at: string): string {
  const read = (keyword: string): number | null => limit(schema, keyword, at)
  const lows = [read('minimum'), read('exclusiveMinimum')] as const
  const highs = [read('maximum'), read('exclusiveMaximum')] as const
  const none = refused(at, 'no number lies within these bounds')
  if (type === 'integer') {
    const least = greatest(
      lows[0] === null ? null : Math.ceil(lows[0]) + 0,
      lows[1] === null ? null : Math.floor(lows[1]) + 1,
    )
    const most = smallest(
      highs[0] === null ? null : Math.floor(highs[0]) + 0,
      highs[1] === null ? null : Math.ceil(highs[1]) - 1,
    )
    if (least !== null && most !== null && least > most) throw none
    return integerRange(least, most)
  }
  const anyGiven = ['minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum'].some((keyword) =>
    Object.hasOwn(schema, keyword),
  )
  if (!anyGiven) return 'number'
  const low = greatest(...lows)
  const high = smallest(...highs)
  if (low !== null && high !== null && low > high) throw none
  const found = numberRange(
    low === null ? null : exactly(low, low === lows[1], at),
    high === null ? null : exactly(high, high === highs[1], at),
  )
  if (found === null) throw none
  return found
}

/** Null where it does not limit: left out, or beyond all numbers that are written. */
function limit(schema: Schema, keyword: string, at: string): number | null {
  const value = schema[keyword]
  if (value === undefined) return null
  if (typeof value !== 'number' && !(value instanceof NumberText))
    throw refused(`${at}/${keyword}`, `"${keyword}" must be a number; got ${shown(value)}`)
  const size = Number(value)
  if (Math.abs(size) <= MOST_NUMBER) return size
  if (size < 0 === keyword.toLowerCase().endsWith('minimum')) return null
  throw refused(`${at}/${keyword}`, `"${keyword}" must lie between -1e15 and 1e15; leave it out if it should not limit`)
}

function exactly(value: number, exclusive: boolean, at: string): Bound {
  const bound = boundOf(value, exclusive)
  if (!bound) throw refused(at, `a bound may have ${MOST_DECIMALS - 1} decimals at most; got ${value}`)
  return bound
}

const greatest = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b)

const smallest = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b)
