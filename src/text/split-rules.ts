/**
 * Spells out three rules of splitting where `@huggingface/tokenizers` differs from the reference implementation:
 * - its digits are ASCII's alone, the reference's are every numeric character;
 * - its GPT-2 pattern has JavaScript's `\s`, which holds U+FEFF and lacks U+0085;
 * - a byte that is no token (SmolLM2 has 21 such) is dropped before its neighbours are merged by the reference, after
 *   that by the library.
 */
import { asRecord } from '../common/record.js'

/** GPT-2's pattern. `\s` is safe here: patterns given as data are rewritten to the reference's meaning. */
const GPT2_PATTERN = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

const isolate = (pattern: string): Record<string, unknown> => ({
  type: 'Split',
  pattern: { Regex: pattern },
  behavior: 'Isolated',
  invert: false,
})

/**
 * Returns a pre-tokenizer that means to the library what `preTokenizer` means to the reference. `missing` are the
 * characters of bytes that are no tokens.
 */
export function explicitRules(preTokenizer: unknown, missing: readonly string[]): unknown {
  const splits = explicitSplits(preTokenizer)
  if (missing.length === 0 || !splits) return splits
  const codes = missing.map((character) => `\\x{${character.charCodeAt(0).toString(16)}}`)
  return {
    type: 'Sequence',
    pretokenizers: [splits, { type: 'Replace', pattern: { Regex: `[${codes.join('')}]` }, content: '' }],
  }
}

function explicitSplits(preTokenizer: unknown): unknown {
  const rule = asRecord(preTokenizer)
  if (!rule) return preTokenizer
  if (rule.type === 'Sequence' && Array.isArray(rule.pretokenizers))
    return { ...rule, pretokenizers: rule.pretokenizers.map(explicitSplits) }
  if (rule.type === 'Digits') return isolate(rule.individual_digits === true ? String.raw`\p{N}` : String.raw`\p{N}+`)
  if (rule.type !== 'ByteLevel' || rule.use_regex === false || rule.add_prefix_space === true) return preTokenizer
  return { type: 'Sequence', pretokenizers: [isolate(GPT2_PATTERN), { ...rule, use_regex: false }] }
}
