/** Numbers within bounds as grammar expressions over their digits. Bounds are whole numbers; null is none. */
import { anyOf, literal } from './ebnf.js'

/** Digits of a number without bounds: beyond these doubles are not exact, and a model may ramble. */
const MOST_DIGITS = 15
const FRACTION = '("." [0-9]{1,16})'
const ZERO_FRACTION = '("." "0"{1,16})'

/** Whole numbers from `least` to `most`. */
export function integerRange(least: number | null, most: number | null): string {
  const parts: string[] = []
  if (least === null || least < 0) {
    const smallest = most !== null && most < 0 ? -most : 1
    parts.push(...magnitudes(smallest, least === null ? null : -least).map((digits) => `"-" ${digits}`))
  }
  if (most === null || most >= 0) parts.push(...magnitudes(Math.max(0, least ?? 0), most))
  return anyOf(parts)
}

/** Numbers from `least` to `most`, with or without decimals; no exponent where there is a bound. */
export function numberRange(least: number | null, most: number | null): string {
  if (least === null && most === null)
    return `"-"? ("0" | [1-9] [0-9]{0,${MOST_DIGITS - 1}}) ${FRACTION}? ([eE] [+\\-]? [0-9]{1,2})?`
  const parts: string[] = []
  if (least === null || least < 0)
    parts.push(
      ...decimals(most !== null && most < 0 ? -most : 0, least === null ? null : -least).map(
        (digits) => `"-" ${digits}`,
      ),
    )
  if (most === null || most >= 0) parts.push(...decimals(Math.max(0, least ?? 0), most))
  return anyOf(parts)
}

/** Numbers without sign from `least` to `most`: any decimals below `most`, only zeros at it. */
function decimals(least: number, most: number | null): string[] {
  if (most === null) return magnitudes(least, null).map((digits) => `${digits} ${FRACTION}?`)
  return [
    ...(least < most ? magnitudes(least, most - 1).map((digits) => `${digits} ${FRACTION}?`) : []),
    `${literal(String(most))} ${ZERO_FRACTION}?`,
  ]
}

/** Expressions for the whole numbers from `least` (0 or more) to `most`, without leading zeros. */
function magnitudes(least: number, most: number | null): string[] {
  const found: string[] = []
  let from = least
  if (from === 0) {
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
