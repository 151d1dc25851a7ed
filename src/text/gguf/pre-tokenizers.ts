/**
 * How text is split before merging, by the name in `tokenizer.ggml.pre`, in the shape of `tokenizer.json`. The names
 * and rules are those of the models' own published tokenizers; a name that is not here is refused, since a near miss
 * would give wrong tokens without a word.
 */

export interface PreTokenizerRule {
  preTokenizer: Record<string, unknown>
  normalizer: Record<string, unknown> | null
  /** Whole words that are tokens are taken as they are. */
  ignoreMerges: boolean
  /** Whether raw text starts with the bos token where the file does not say. */
  addsBos: boolean
}

const BYTES = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false }
const GPT2 = { ...BYTES, use_regex: true }

const isolate = (pattern: string): Record<string, unknown> => ({
  type: 'Sequence',
  pretokenizers: [{ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false }, BYTES],
})

/** The rule of Llama 3, with numbers in runs of up to three digits; Qwen 2 takes one digit at a time. */
const llama3 = (digits: string): string =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ` +
  `?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`

const plain = { normalizer: null, ignoreMerges: false, addsBos: false }
const gpt2: PreTokenizerRule = { ...plain, preTokenizer: GPT2 }
const llamaBpe: PreTokenizerRule = {
  ...plain,
  preTokenizer: isolate(llama3('\\p{N}{1,3}')),
  ignoreMerges: true,
  addsBos: true,
}

const RULES = new Map<string, PreTokenizerRule>([
  ['gpt-2', gpt2],
  [
    'smollm',
    {
      ...plain,
      preTokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, GPT2] },
    },
  ],
  ['llama-bpe', llamaBpe],
  ['llama3', llamaBpe],
  ['llama-v3', llamaBpe],
  ['qwen2', { ...plain, preTokenizer: isolate(llama3('\\p{N}')), normalizer: { type: 'NFC' } }],
])

export function preTokenizer(name: string): PreTokenizerRule | undefined {
  return RULES.get(name)
}

export function preTokenizerNames(): string[] {
  return [...RULES.keys()]
}
