/**
 * How text is split before merging, by the name in `tokenizer.ggml.pre`, in the shape of `tokenizer.json`. The names
 * are llama.cpp's. One that is not here is refused, since a near miss would give wrong tokens without a word.
 */
import { PATTERNS } from './published-patterns.js'

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

const isolating = (patterns: readonly string[]): Record<string, unknown> => ({
  type: 'Sequence',
  pretokenizers: [
    ...patterns.map((pattern) => ({
      type: 'Split',
      pattern: { Regex: pattern },
      behavior: 'Isolated',
      invert: false,
    })),
    BYTES,
  ],
})

const rule = (preTokenizer: Record<string, unknown>, stated: Partial<PreTokenizerRule> = {}): PreTokenizerRule => ({
  preTokenizer,
  normalizer: null,
  ignoreMerges: false,
  addsBos: false,
  ...stated,
})

const SINGLE_DIGITS = { type: 'Digits', individual_digits: true }
const WHOLE_WORDS = { ignoreMerges: true, addsBos: true }

/** Names that split text alike, and the rule. */
const RULES: readonly (readonly [string, PreTokenizerRule])[] = [
  ['gpt-2 phi-2 olmo mpt jais gigachat a.x-4.0 mellum exaone4 trillion granite-docling', rule(GPT2)],
  [
    'smollm refact starcoder command-r codeshell exaone minerva-7b mellum2',
    rule({ type: 'Sequence', pretokenizers: [SINGLE_DIGITS, GPT2] }),
  ],
  ['llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2', rule(isolating(PATTERNS.llama3), WHOLE_WORDS)],
  ['dbrx smaug-bpe glm4 chatglm-bpe', rule(isolating(PATTERNS.llama3))],
  ['qwen2', rule(isolating(PATTERNS.qwen2), { normalizer: { type: 'NFC' } })],
  ['deepseek-r1-qwen megrez kormo stablelm2 hunyuan solar-open grok-2', rule(isolating(PATTERNS.qwen2))],
  ['ufakzeka', rule(isolating(PATTERNS.withoutContractions))],
  ['minicpm5', rule(isolating(PATTERNS.minicpm5), { ignoreMerges: true })],
  ['seed-coder', rule(isolating(PATTERNS.seedCoder))],
  ['gpt-4o llama4 kanana2 talkie', rule(isolating(PATTERNS.gpt4o))],
  ['tekken', rule(isolating(PATTERNS.tekken), WHOLE_WORDS)],
  ['deepseek-llm', rule(isolating(PATTERNS.deepseekLlm))],
  ['deepseek-coder', rule(isolating(PATTERNS.deepseekCoder))],
  ['deepseek-v3 hunyuan-dense joyai-llm', rule(isolating(PATTERNS.deepseekV3))],
  ['falcon', rule(isolating(PATTERNS.falcon))],
  ['default', rule(isolating(PATTERNS.default))],
  ['bloom gpt3-finnish poro-chat', rule(isolating(PATTERNS.bloom))],
  ['viking', rule(isolating(PATTERNS.viking))],
]

const BY_NAME = new Map(RULES.flatMap(([names, found]) => names.split(' ').map((name) => [name, found] as const)))

export function preTokenizer(name: string): PreTokenizerRule | undefined {
  return BY_NAME.get(name)
}

export function preTokenizerNames(): string[] {
  return [...BY_NAME.keys()]
}
