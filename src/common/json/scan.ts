/**
 * A look over a text before it is parsed as JSON: how much it holds, since a value takes far longer than a character,
 * and whether `JSON.parse` would lose something of it. What is no JSON is let through: the parser says so.
 */

/** Most objects, lists and members of objects in one text, and most commas: those between a list's entries too. */
export const MOST_STRUCTURES = 20_000
export const MOST_ENTRIES = 150_000

/** More than one value is parsed in the time that an event loop may be held. */
export class TooMuchJson extends Error {}

/** Characters between two pauses: a millisecond at most. */
const BLOCK = 2 ** 17

/** Digits that a double may not hold. */
const LONG_NUMBER = 16

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const [OPEN_LIST, OPEN_OBJECT] = [0x5b, 0x7b]
const [DOT, ZERO, NINE] = [0x2e, 0x30, 0x39]

/** A name that is a number, which JavaScript lists before others; longer ones are none of its indices. */
const NUMERIC_NAME = /^"(?:\d|\\u003\d){1,16}"$/
const MOST_NUMERIC = 98

/**
 * Pauses now and then. Comes to whether there are long numbers, exponents or names that are numbers. `isBounded`:
 * throws `TooMuchJson` beyond the bounds.
 */
export function* scan(text: string, isBounded: boolean): Generator<void, boolean> {
  let [structures, entries, digits, paused] = [0, 0, 0, 0]
  let needsCare = false
  /** Whether the last string could be the name of an index. */
  let isNumeric = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (at - paused > BLOCK) {
      paused = at
      yield
    }
    if ((code >= ZERO && code <= NINE) || code === DOT) {
      digits += 1
      needsCare ||= digits >= LONG_NUMBER
      continue
    }
    // "e" and "E"; those of true and false stand behind letters.
    needsCare ||= digits > 0 && (code | 0x20) === 0x65
    digits = 0
    if (code === QUOTE) {
      const end = endOfString(text, at)
      isNumeric = end - at <= MOST_NUMERIC && NUMERIC_NAME.test(text.slice(at, end))
      at = end - 1
    } else if (code === COMMA) entries += 1
    else if (code === COLON || code === OPEN_LIST || code === OPEN_OBJECT) {
      structures += 1
      needsCare ||= code === COLON && isNumeric
    }
    if (isBounded && structures > MOST_STRUCTURES)
      throw new TooMuchJson(`it has more than ${MOST_STRUCTURES} objects, lists and members`)
    if (isBounded && entries > MOST_ENTRIES) throw new TooMuchJson(`its lists have more than ${MOST_ENTRIES} entries`)
  }
  return needsCare
}

/** Index after the string's closing quote; the text's length where there is none. */
export function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let escapes = 0
    while (text[quote - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return quote + 1
  }
  return text.length
}
