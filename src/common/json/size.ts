/** How long a value is as JSON, without writing it. */
import { NumberText } from './number-text.js'

/** What a number takes at most, about; names and texts count as long as they are, without what their escapes add. */
const NUMBER_CHARACTERS = 8

/** Whether a value has at most about `most` characters as JSON. Looks no further, so circles do no harm. */
export function isJsonWithin(value: unknown, most: number): boolean {
  return leftOf(value, most) >= 0
}

/** What is left of `most` characters behind a value; below 0: it is longer. */
function leftOf(value: unknown, most: number): number {
  if (typeof value === 'string') return most - value.length - 2
  if (value instanceof NumberText) return most - value.text.length
  if (typeof value !== 'object' || value === null) return most - NUMBER_CHARACTERS
  let left = most - 2
  for (const name in value) {
    left -= Array.isArray(value) ? 1 : name.length + 4
    if (left < 0) return left
    left = leftOf((value as Record<string, unknown>)[name], left)
  }
  return left
}
