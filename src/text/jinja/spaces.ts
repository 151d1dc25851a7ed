/** White space as Python has it: `str.isspace`. JavaScript's `\s` differs by six characters. */

/** For use in a regular expression. */
export const SPACE = String.raw`[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`

const ONE = new RegExp(SPACE)

// Loops, because a pattern for white space at an end takes quadratic time over long runs of it.

export function trimStart(text: string): string {
  let from = 0
  while (from < text.length && ONE.test(text[from])) from++
  return text.slice(from)
}

export function trimEnd(text: string): string {
  let to = text.length
  while (to > 0 && ONE.test(text[to - 1])) to--
  return text.slice(0, to)
}

/** Whether there is white space and nothing else. */
export function isSpace(text: string): boolean {
  return text !== '' && trimStart(text) === ''
}
