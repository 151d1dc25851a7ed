/**
 * Tables of ranked byte strings (tiktoken's, Tekken's) in the shape of `tokenizer.json`. Neighbours whose bytes
 * together are a token may join, the lowest rank first: so each token has a merge for every way to cut it in two.
 */
import { byteLevelSpellingOf } from '../byte-level.js'

export interface RankedTokens {
  /** Base64 of each token's bytes, by rank. */
  tokens: readonly string[]
  /** The id of rank 0. */
  firstId: number
  /** How text is split. */
  pattern: string
  added: readonly { id: number; content: string; special: boolean }[]
}

export function rankedTokenizer({ tokens, firstId, pattern, added }: RankedTokens): Record<string, unknown> {
  const spellings = tokens.map((token) => byteLevelSpellingOf(Buffer.from(token, 'base64')))
  const rankOf = new Map(spellings.map((spelling, rank) => [spelling, rank]))
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added.map((token) => ({
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      ...token,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      vocab: Object.fromEntries(spellings.map((spelling, rank) => [spelling, firstId + rank])),
      merges: spellings.flatMap((spelling) => mergesOf(spelling, rankOf)),
      ignore_merges: true,
    },
  }
}

/** The ways to cut a spelling into two tokens, those of low ranks first. */
function mergesOf(spelling: string, rankOf: ReadonlyMap<string, number>): [string, string][] {
  const cuts: { left: string; right: string; ranks: [number, number] }[] = []
  for (let at = 1; at < spelling.length; at++) {
    const [left, right] = [spelling.slice(0, at), spelling.slice(at)]
    const ranks = [rankOf.get(left), rankOf.get(right)]
    if (ranks[0] !== undefined && ranks[1] !== undefined) cuts.push({ left, right, ranks: [ranks[0], ranks[1]] })
  }
  return cuts.sort(({ ranks: a }, { ranks: b }) => a[0] - b[0] || a[1] - b[1]).map(({ left, right }) => [left, right])
}
