/**
 * How text is cut into words before merging: the `pre_tokenizer` of a `tokenizer.json`, as the reference implementation
 * (Rust `tokenizers`) runs it.
 */
import { asRecord } from '../common/record.js'
import { ModelError } from '../spec/errors.js'
import { BLANK } from './blank.js'
import { byteLevelSpelling } from './byte-level.js'
import { GPT2_PATTERN, splitPattern } from './split-patterns.js'

/** `startsText`: whether the first piece is the beginning of the whole text, with no token before it. */
export type PreTokenizer = (pieces: readonly string[], startsText: boolean) => readonly string[]

/** What is part of a word to Rust's regular expressions, as members of a class. */
const WORD = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}`

type Rule = Readonly<Record<string, unknown>>
interface Segment {
  text: string
  isMatch: boolean
}

const KINDS: Readonly<Record<string, (rule: Rule) => PreTokenizer>> = {
  Sequence: ({ pretokenizers }) => {
    const parts = Array.isArray(pretokenizers) ? pretokenizers.map(openPreTokenizer) : []
    return (pieces, startsText) => parts.reduce((cut, part) => part(cut, startsText), pieces)
  },
  Split: ({ pattern, behavior, invert }) => cutting(splitPattern(pattern), String(behavior), invert === true),
  ByteLevel: byteLevel,
  Metaspace: metaspace,
  Digits: ({ individual_digits }) =>
    cutting(splitPattern({ Regex: String.raw`\p{N}` }), individual_digits === true ? 'Isolated' : 'Contiguous'),
  Punctuation: ({ behavior = 'Isolated' }) =>
    cutting(splitPattern({ Regex: '[\\p{P}!-/:-@\\[-`{-~]' }), String(behavior)),
  Whitespace: () => cutting(new RegExp(`[${WORD}]+|[^${WORD}\\p{White_Space}]+`, 'gu'), 'Removed', true),
  WhitespaceSplit: () => cutting(splitPattern({ Regex: String.raw`\s` }), 'Removed'),
}

/** Throws `ModelError` for a kind that is not known. */
export function openPreTokenizer(rule: unknown): PreTokenizer {
  const found = asRecord(rule)
  if (!found) return (pieces) => pieces
  const open = KINDS[String(found.type)]
  if (open) return open(found)
  throw new ModelError(
    'model_invalid',
    'tokenizer.json',
    `the tokenizer splits text by ${JSON.stringify(found.type)}; this release knows ${Object.keys(KINDS).join(', ')}`,
  )
}

function byteLevel({ add_prefix_space, use_regex }: Rule): PreTokenizer {
  const prefixed = (piece: string): string => (add_prefix_space !== true || piece.startsWith(' ') ? piece : ` ${piece}`)
  const cut = use_regex === false ? null : cutting(splitPattern({ Regex: GPT2_PATTERN }), 'Isolated')
  return (pieces, startsText) => {
    const words = add_prefix_space === true ? pieces.map(prefixed) : pieces
    return (cut ? cut(words, startsText) : words).map(byteLevelSpelling)
  }
}

function metaspace({ replacement, prepend_scheme, add_prefix_space, split }: Rule): PreTokenizer {
  const blank = typeof replacement === 'string' ? replacement : BLANK
  // Older files say `add_prefix_space` alone.
  const scheme = prepend_scheme ?? (add_prefix_space === false ? 'never' : 'always')
  const cut = split === false ? null : cutting(splitPattern({ String: blank }), 'MergedWithNext')
  return (pieces, startsText) => {
    const spelled = pieces.map((piece, i) => {
      const text = piece.replaceAll(' ', blank)
      const prepends = scheme === 'always' || (scheme === 'first' && startsText && i === 0)
      return prepends && !text.startsWith(blank) ? blank + text : text
    })
    return cut ? cut(spelled, startsText) : spelled
  }
}

function cutting(pattern: RegExp, behavior: string, invert = false): PreTokenizer {
  const arrange = BEHAVIORS[behavior.toLowerCase()]
  if (!arrange)
    throw new ModelError(
      'model_invalid',
      'tokenizer.json',
      `the tokenizer splits text with the behavior ${JSON.stringify(behavior)}; this release knows ` +
        'Isolated, Removed, MergedWithPrevious, MergedWithNext and Contiguous',
    )
  return (pieces) => {
    const cut: string[] = []
    for (const piece of pieces) {
      for (const word of arrange(segments(piece, pattern, invert))) if (word !== '') cut.push(word)
    }
    return cut
  }
}

/** What matches and what lies between, in order. Empty matches cut too. */
function segments(text: string, pattern: RegExp, invert: boolean): Segment[] {
  const found: Segment[] = []
  let from = 0
  for (const { 0: match, index } of text.matchAll(pattern)) {
    if (index > from) found.push({ text: text.slice(from, index), isMatch: invert })
    found.push({ text: match, isMatch: !invert })
    from = index + match.length
  }
  if (from < text.length) found.push({ text: text.slice(from), isMatch: invert })
  return found
}

const BEHAVIORS: Readonly<Record<string, (found: readonly Segment[]) => string[]>> = {
  isolated: (found) => found.map(({ text }) => text),
  removed: (found) => found.flatMap(({ text, isMatch }) => (isMatch ? [] : [text])),
  contiguous: (found) => joining(found, (isMatch, wasMatch) => isMatch === wasMatch),
  mergedwithprevious: (found) => joining(found, (isMatch, wasMatch) => isMatch && !wasMatch),
  mergedwithnext: (found) => {
    const joined: string[] = []
    let wasMatch = false
    for (const { text, isMatch } of found.toReversed()) {
      if (isMatch && !wasMatch && joined.length > 0) joined.push(text + joined.pop())
      else joined.push(text)
      wasMatch = isMatch
    }
    return joined.reverse()
  },
}

/** Appends a segment to the one before it where `joins` says so; before the first comes no match. */
function joining(found: readonly Segment[], joins: (isMatch: boolean, wasMatch: boolean) => boolean): string[] {
  const joined: string[] = []
  let wasMatch = false
  for (const { text, isMatch } of found) {
    if (joins(isMatch, wasMatch) && joined.length > 0) joined.push(joined.pop() + text)
    else joined.push(text)
    wasMatch = isMatch
  }
  return joined
}
