/** Quotes what a caller gave in an error's message: as JSON, cut to a length that fits there. */
import { NumberText } from '../common/json/index.js'

/** Most characters of one value in a message. */
export const MOST_SHOWN = 120

/**
 * A value as JSON, at most `most` characters, three dots, and the quote of a text that is cut. Brackets stay open.
 * Cyclic and very deep values are as good as any.
 */
export function show(value: unknown, most = MOST_SHOWN): string {
  const text = written(value, most + 1)
  if (text.length <= most) return text
  const cut = text.slice(0, most).replace(/\\$/, '')
  const isInString = cut.replace(/\\./g, '').split('"').length % 2 === 0
  return `${cut}${isInString ? '"' : ''}...`
}

/** Joins names for a message: all of them where they are few. */
export function showNames(names: readonly string[], most = 12): string {
  const listed = names.slice(0, most).map((name) => (name.length > 64 ? `${name.slice(0, 64)}...` : name))
  return listed.join(', ') + (names.length > most ? ` and ${names.length - most} more` : '')
}

/** The beginning of `value` as JSON; stops once it has `most` characters, which bounds depth and time as well. */
function written(value: unknown, most: number): string {
  if (most <= 0) return ''
  if (typeof value === 'string') return JSON.stringify(value.slice(0, most))
  if (typeof value === 'bigint' || value instanceof NumberText) return String(value)
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`
  if (typeof value !== 'object' || value === null) return String(value)
  const isList = Array.isArray(value)
  let text = isList ? '[' : '{'
  for (const name of isList ? value.keys() : Object.keys(value)) {
    if (text.length > 1) text += ','
    if (!isList) text += `${written(name, most - text.length)}:`
    text += written((value as Record<PropertyKey, unknown>)[name], most - text.length)
    if (text.length >= most) return text
  }
  return text + (isList ? ']' : '}')
}
