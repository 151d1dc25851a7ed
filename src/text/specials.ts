/** Finding added tokens by their spelling in text. */
import { withoutBlanksAtEnd, withoutBlanksAtStart } from './blank.js'
import type { AddedToken } from './tokenizer-table.js'

/**
 * Splits text into plain runs and tokens' ids, in order; empty runs are left out. Special tokens' spellings stay text
 * unless `parseSpecial`.
 */
export type SplitTokens = (text: string, parseSpecial: boolean) => (string | number)[]

const ENDS_WITH_WORD = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u
const STARTS_WITH_WORD = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u

/** At one place the longest spelling wins. Tokens that strip take the white space beside them along. */
export function tokenSplitter(tokens: readonly AddedToken[]): SplitTokens {
  if (tokens.length === 0) return (text) => (text === '' ? [] : [text])
  const find = longestAt(tokens)
  return (text, parseSpecial) => {
    const parts: (string | number)[] = []
    let from = 0
    for (let at = 0; at < text.length; at++) {
      const token = find(text, at)
      if (!token) continue
      const end = at + token.content.length
      // What is skipped is skipped whole: no shorter token is found inside.
      if ((parseSpecial || !token.special) && (!token.singleWord || standsAlone(text, at, end))) {
        // A token in white space that another has taken along stands all the same, as in the reference.
        const before = text.slice(from, at)
        parts.push(token.lstrip ? withoutBlanksAtEnd(before) : before, token.id)
        from = token.rstrip ? text.length - withoutBlanksAtStart(text, end).length : end
      }
      at = end - 1
    }
    parts.push(text.slice(from))
    return parts.filter((part) => part !== '')
  }
}

function standsAlone(text: string, at: number, end: number): boolean {
  const [before, after] = [text.slice(Math.max(0, at - 2), at), text.slice(end, end + 2)]
  return !ENDS_WITH_WORD.test(before) && !STARTS_WITH_WORD.test(after)
}

/** Looks spellings up by their first character and the lengths that begin with it, the longest first. */
function longestAt(tokens: readonly AddedToken[]): (text: string, at: number) => AddedToken | undefined {
  const bySpelling = new Map(tokens.map((token) => [token.content, token]))
  const lengths: (number[] | undefined)[] = []
  for (const spelling of bySpelling.keys()) {
    const found = (lengths[spelling.charCodeAt(0)] ??= [])
    if (!found.includes(spelling.length)) found.push(spelling.length)
  }
  lengths.forEach((found) => found?.sort((a, b) => b - a))
  return (text, at) => {
    for (const length of lengths[text.charCodeAt(at)] ?? []) {
      const token = bySpelling.get(text.slice(at, at + length))
      if (token) return token
    }
    return undefined
  }
}

/** Matches any of the spellings, the longest first; none at all where there are none. */
export function spellingsPattern(spellings: readonly string[]): RegExp {
  const longestFirst = [...spellings].sort((a, b) => b.length - a.length)
  return new RegExp(
    longestFirst.map((spelling) => spelling.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join('|') || '(?!)',
    'g',
  )
}
