/** Numbers within bounds as grammar expressions over their decimal digits. Null is no bound. */
import { anyOf, literal } from './ebnf.js'

/** Digits of a whole number without bounds: more are not exact in a double, and a model might never end. */
const MOST_DIGITS = 15
/** Digits after the point. */
export const MOST_DECIMALS = 16
const FRACTION = `("." [0-9]{1,${MOST_DECIMALS}})`

/** A bound: its size in decimal digits, whether the bound itself is outside, and its sign. */
export interface Bound {
  negative: boolean
  /** Without leading zeros. */
  whole: string
  /** Without zeros at the end. */
  decimals: string
  exclusive: boolean
}

/** Any number; without bounds it may have an exponent too. */
export const ANY_NUMBER = `"-"? ("0" | [1-9] [0-9]{0,${MOST_DIGITS - 1}}) ${FRACTION}? ([eE] [+\\-]? [0-9]{1,2})?`

/** `value` exactly, digit by digit; null where it has more decimals than are kept. */
export function boundOf(value: number, exclusive: boolean): Bound | null {
  const [mantissa, power = '0'] = String(Math.abs(value)).split('e')
  const [whole, decimals = ''] = mantissa.split('.')
  const shift = Number(power)
  const digits = shift < 0 ? '0'.repeat(-shift) + whole + decimals : whole + decimals.padEnd(Math.max(0, shift), '0')
  const point = whole.length + Math.max(0, shift)
  const found = digits.slice(point).replace(/0+$/, '')
  if (found.length >= MOST_DECIMALS || (exclusive && found.length > MOST_DIGITS - Math.max(1, point))) return null
  return { negative: value < 0, whole: digits.slice(0, point).replace(/^0+(?=\d)/, ''), decimals: found, exclusive }
}

/** Whole numbers from `least` to `most`, both inclusive. */
export function integerRange(least: number | null, most: number | null): string {
  const parts: string[] = []
  if (least === null || least < 0) {
    const smallest = most !== null && most < 0 ? -most : 1
    parts.push(...magnitudes(smallest, least === null ? null : -least).map((digits) => `"-" ${digits}`))
  }
  if (most === null || most >= 0) parts.push(...magnitudes(Math.max(0, least ?? 0), most))
  return anyOf(parts)
}

/** Numbers from `least` to `most`, with or without decimals, without exponent; null where there are none. */
export function numberRange(least: Bound | null, most: Bound | null): string | null {
  const zero: Bound = { negative: false, whole: '0', decimals: '', exclusive: false }
  const parts: string[] = []
  if (!least || least.negative)
    parts.push(...sizes(most?.negative || isZero(most) ? most! : zero, least).map((digits) => `"-" ${digits}`))
  if (!most?.negative) parts.push(...sizes(least && !least.negative ? least : zero, most))
  return parts.length === 0 ? null : anyOf(parts)
}

const isZero = (bound: Bound | null): boolean => bound !== null && bound.whole === '0' && bound.decimals === ''

/** Numbers without sign from `least` to `most`. */
function sizes(least: Bound, most: Bound | null): string[] {
  const [low, high] = [Number(least.whole), most ? Number(most.whole) : null]
  if (high !== null && low > high) return []
  if (low === high)
    return withFraction([literal(least.whole)], fraction(least, most, Math.min(roomOf(least), roomOf(most))))
  const between = magnitudes(low + 1, high === null ? null : high - 1).map((digits) => `${digits} ${FRACTION}?`)
  return [
    ...withFraction([literal(least.whole)], fraction(least, null, roomOf(least))),
    ...(high === null || low + 1 <= high - 1 ? between : []),
    ...(most ? withFraction([literal(most.whole)], fraction(null, most, roomOf(most))) : []),
  ]
}

/** Most digits after the point: beside an exclusive bound so few that no double rounds a number to the bound. */
const roomOf = (bound: Bound | null): number =>
  bound?.exclusive ? Math.max(0, MOST_DIGITS - bound.whole.length) : MOST_DECIMALS

/** What may follow a whole number: `digits` after a point, one of these expressions; with `ends` nothing, too. */
interface Fraction {
  ends: boolean
  digits: string[]
}

function withFraction(wholes: readonly string[], { ends, digits }: Fraction): string[] {
  if (digits.length === 0) return ends ? [...wholes] : []
  return wholes.map((whole) => `${whole} ("." ${anyOf(digits)})${ends ? '?' : ''}`)
}

type Side = Pick<Bound, 'decimals' | 'exclusive'>

/** Decimals from those of `least` to those of `most`, in at most `room` digits. */
function fraction(least: Side | null, most: Side | null, room: number): Fraction {
  const low = least && (least.decimals !== '' || least.exclusive) ? least : null
  if (!low && !most) return { ends: true, digits: room > 0 ? [`[0-9]{1,${room}}`] : [] }
  const ends = !low && !(most && most.decimals === '' && most.exclusive)
  if (room === 0) return { ends, digits: [] }
  if (most && most.decimals === '')
    return most.exclusive || low ? { ends: false, digits: [] } : { ends, digits: [`"0"{1,${room}}`] }
  const [lowDigit, highDigit] = [Number(low?.decimals[0] ?? 0), most ? Number(most.decimals[0]) : 9]
  const rest = (side: Side | null): Side | null => side && { ...side, decimals: side.decimals.slice(1) }
  const found: string[] = []
  const add = (from: number, to: number, next: Fraction): void => {
    if (from > to || (!next.ends && next.digits.length === 0)) return
    const tail = next.digits.length > 0 ? ` ${anyOf(next.digits)}` : ''
    found.push(`[${from}-${to}]${tail && next.ends ? ` (${tail.trim()})?` : tail}`)
  }
  if (lowDigit === highDigit && low && most) {
    add(lowDigit, lowDigit, fraction(rest(low), rest(most), room - 1))
    return { ends, digits: found }
  }
  if (low) add(lowDigit, lowDigit, fraction(rest(low), null, room - 1))
  add(low ? lowDigit + 1 : 0, most ? highDigit - 1 : 9, fraction(null, null, room - 1))
  if (most) add(highDigit, highDigit, fraction(null, rest(most), room - 1))
  return { ends, digits: found }
}

/** Expressions for the whole numbers from `least` (0 or more) to `most`, without leading zeros. */
function magnitudes(least: number, most: number | null): string[] {
  const found: string[] = []
  let from = least
  if (from === 0 && (most === null || most >= 0)) {
    found.push('"0"')
    from = 1
  }
  const length = String(from).length
  if (most === null) {
    found.push(...sameLength(String(from), '9'.repeat(length)))
    if (length < MOST_DIGITS) found.push(`[1-9] [0-9]{${length},${MOST_DIGITS - 1}}`)
    return found
  }
  for (let digits = length; from <= most; digits++) {
    const last = Math.min(most, 10 ** digits - 1)
    found.push(...sameLength(String(from), String(last)))
    from = last + 1
  }
  return found
}

/** Digit by digit between two numbers of one length. */
function sameLength(low: string, high: string): string[] {
  if (low === '') return ['']
  const rest = low.length - 1
  const [lowHead, highHead] = [Number(low[0]), Number(high[0])]
  if (lowHead === highHead)
    return sameLength(low.slice(1), high.slice(1)).map((tail) => joined(digit(lowHead, lowHead), tail))
  const found: string[] = []
  let [from, to] = [lowHead, highHead]
  if (/[1-9]/.test(low.slice(1))) {
    found.push(...sameLength(low.slice(1), '9'.repeat(rest)).map((tail) => joined(digit(lowHead, lowHead), tail)))
    from += 1
  }
  const partial = /[0-8]/.test(high.slice(1))
  if (partial) to -= 1
  if (from <= to) found.push(joined(digit(from, to), rest > 0 ? `[0-9]{${rest}}` : ''))
  if (partial)
    found.push(...sameLength('0'.repeat(rest), high.slice(1)).map((tail) => joined(digit(highHead, highHead), tail)))
  return found
}

const digit = (from: number, to: number): string => `[${from}-${to}]`

const joined = (head: string, tail: string): string => (tail ? `${head} ${tail}` : head)
