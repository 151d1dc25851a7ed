/** Sets of characters that regular expressions have names for. `\s` and line ends look at ASCII alone. */
import { complement, union, type CharSet } from './ebnf.js'

const DIGIT: CharSet = [[0x30, 0x39]]
const WORD: CharSet = union([
  DIGIT,
  [
    [0x41, 0x5a],
    [0x5f, 0x5f],
    [0x61, 0x7a],
  ],
])
const SPACE: CharSet = [
  [9, 13],
  [0x20, 0x20],
]

export const LINE_END: CharSet = [
  [10, 10],
  [13, 13],
]

/** By the letter after the backslash. */
export const CLASSES: Readonly<Record<string, CharSet>> = {
  d: DIGIT,
  D: complement(DIGIT),
  w: WORD,
  W: complement(WORD),
  s: SPACE,
  S: complement(SPACE),
}

/** Code points, likewise. */
export const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, 0: 0 }
