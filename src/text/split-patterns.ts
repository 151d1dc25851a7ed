/**
 * Patterns of tokenizer files as JavaScript's. They are written for Oniguruma; `@huggingface/tokenizers` translates
 * their syntax and what `\s`, `\d`, `\w` and case mean there.
 */
import { SplitPreTokenizer } from '@huggingface/tokenizers'
import { asRecord } from '../common/record.js'
import { ModelError } from '../spec/errors.js'

declare module '@huggingface/tokenizers' {
  /** The library has it; its types, which name files without an extension, cannot be followed to it. */
  export class SplitPreTokenizer {
    constructor(rule: { type: 'Split'; pattern: { Regex: string }; behavior: 'Isolated'; invert: boolean })
    readonly pattern: RegExp | null
  }
}

/** GPT-2's pattern, that of byte-level splitting. */
export const GPT2_PATTERN = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

/** What Unicode folds to an ASCII letter besides its other case: the long s and the Kelvin sign. */
const FOLDED: Readonly<Record<string, string>> = { s: '\u017f', k: '\u212a' }

/** `{ "Regex": ... }` or `{ "String": ... }`; global. Throws `ModelError` for a pattern that cannot be translated. */
export function splitPattern(pattern: unknown): RegExp {
  const given = asRecord(pattern)
  const { Regex: regex, String: text } = given ?? {}
  if (typeof text === 'string') return new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`), 'gu')
  if (typeof regex !== 'string') throw unknown(pattern, 'expected "String" or "Regex"')
  try {
    const translated = new SplitPreTokenizer({
      type: 'Split',
      pattern: { Regex: unfolded(regex) },
      behavior: 'Isolated',
      invert: false,
    }).pattern
    if (translated) return translated
  } catch (cause) {
    throw unknown(pattern, cause instanceof Error ? cause.message : String(cause))
  }
  throw unknown(pattern, 'it cannot be translated')
}

/** The library folds the case of ASCII alone in `(?i:...)`: what else Unicode folds is written as an alternative. */
function unfolded(regex: string): string {
  return regex.replace(/\(\?i:([^()[\]\\]*)\)/g, (_, group: string) => {
    const written = group.replace(/[sk]/gi, (letter) => `(?:${letter}|${FOLDED[letter.toLowerCase()]})`)
    return `(?i:${written})`
  })
}

const unknown = (pattern: unknown, why: string): ModelError =>
  new ModelError(
    'model_invalid',
    'tokenizer.json',
    `the tokenizer splits text by the pattern ${JSON.stringify(pattern)}, which this release cannot read: ${why}`,
  )
