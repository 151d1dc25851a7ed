/** Finding special tokens by their spelling in text. */
import type { AddedToken } from './tokenizer-table.js'

/** Splits text into plain runs and special tokens' ids, in order; empty runs are left out. */
export type SplitSpecials = (text: string) => (string | number)[]

/** At one place the longest spelling wins. Tokens that strip take the white space beside them along. */
export function specialSplitter(tokens: readonly AddedToken[]): SplitSpecials {
  const bySpelling = new Map(tokens.map((token) => [token.content, token]))
  const pattern = spellingsPattern([...bySpelling.keys()])
  return (text) => {
    const parts: (string | number)[] = []
    let from = 0
    for (const match of text.matchAll(pattern)) {
      const token = bySpelling.get(match[0])
      if (!token || match.index < from) continue
      const before = text.slice(from, match.index)
      parts.push(token.lstrip ? before.trimEnd() : before, token.id)
      from = match.index + match[0].length
      if (token.rstrip) from = text.length - text.slice(from).trimStart().length
    }
    parts.push(text.slice(from))
    return parts.filter((part) => part !== '')
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
