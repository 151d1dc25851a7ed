/** How characters are written inside JSON strings: what may stand for itself, and what has to be escaped. */
import { anyOf, charClass, complement, contains, intersection, literal, type CharSet } from './ebnf.js'

/** Bytes that begin or end a string, or an escape in it; `UNICODE` is the letter of an escape with four digits. */
export const QUOTE = 0x22
export const BACKSLASH = 0x5c
export const UNICODE = 0x75

/** Quote, backslash and controls need an escape. */
const ESCAPED: CharSet = [
  [0, 0x1f],
  [QUOTE, QUOTE],
  [BACKSLASH, BACKSLASH],
]
export const PLAIN: CharSet = complement(ESCAPED)

/** An expression for one character of a JSON string. */
export const ANY_PLAIN = charClass(PLAIN)!

/**
 * An expression for one character of the set as JSON text; null where there is none. Of a set that has characters which
 * stand for themselves only those are taken: classes are the one thing that the library counts and repeats quickly.
 */
export function jsonChar(set: CharSet): string | null {
  const plain = intersection(set, PLAIN)
  if (plain.length > 0) return charClass(plain)
  const escapes: string[] = []
  for (let code = 0; code <= BACKSLASH; code++) {
    if (contains(ESCAPED, code) && contains(set, code))
      escapes.push(literal(JSON.stringify(String.fromCharCode(code)).slice(1, -1)))
  }
  return anyOf(escapes)
}
