/** JavaScript's values and JSON to the values that templates compute with. */
import { NumberText, parseJson } from '../../common/json/index.js'
import { Dict, type Value } from './values.js'

/**
 * A JavaScript value as a template sees it, with every text in it as `change` gives it back, names of members too.
 * Members keep the order that `Object.entries` has. Numbers without a fraction are whole numbers. A `Dict` is a value
 * already.
 */
export function toValue(value: unknown, change: (text: string) => string = (text) => text): Value {
  const of = (inside: unknown): Value => toValue(inside, change)
  if (typeof value === 'string') return change(value)
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean' || typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(of)
  if (value instanceof NumberText) return numberOf(value.text)
  if (value instanceof Dict) return mapTexts(value, change)
  const given = Object.entries(value).filter(([, inside]) => inside !== undefined)
  return new Dict(given.map(([key, inside]) => [change(key), of(inside)]))
}

/** Lists and dicts of a value, with every text as `change` gives it back. */
function mapTexts(value: Value, change: (text: string) => string): Value {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((inside) => mapTexts(inside, change))
  if (!(value instanceof Dict)) return value
  return new Dict(value.entries().map(([key, inside]) => [mapTexts(key, change), mapTexts(inside, change)]))
}

/** A number as JSON spells it: 1.0 and 1e3 are no whole numbers in Python. */
const numberOf = (text: string): bigint | number => (/^-?\d+$/.test(text) ? BigInt(text) : Number(text))

/** JSON text to a value, which keeps what Python keeps: the order of members, and whether a number is whole. */
export const valueOfJson = (text: string): Value => toValue(parseJson(text, (spelled) => new NumberText(spelled)))
