/** Mistral's `tekken.json` in the shape of Hugging Face's files. Special tokens come before the others. */
import { asRecord } from '../../common/record.js'
import { ModelError } from '../../spec/errors.js'
import type { TokenizerFiles } from '../../spec/manifest.js'
import { rankedTokenizer } from './ranked-tokens.js'

/** By id, of files that do not list them (versions up to v7). */
const SPECIALS = (
  '<unk> <s> </s> [INST] [/INST] [AVAILABLE_TOOLS] [/AVAILABLE_TOOLS] [TOOL_RESULTS] [/TOOL_RESULTS] [TOOL_CALLS] ' +
  '[IMG] <pad> [IMG_BREAK] [IMG_END] [PREFIX] [MIDDLE] [SUFFIX] [SYSTEM_PROMPT] [/SYSTEM_PROMPT] [TOOL_CONTENT]'
).split(' ')

/** Throws `ModelError` for a file without its tables. */
export function readTekken(path: string, file: Record<string, unknown>): TokenizerFiles {
  const refuse = (lacks: string): never => {
    throw new ModelError('model_invalid', path, `${path} lacks ${lacks}; download it again`)
  }
  const config = asRecord(file.config) ?? refuse('"config"')
  const { pattern, default_vocab_size: size, default_num_special_tokens: count } = config
  if (typeof pattern !== 'string' || typeof size !== 'number' || typeof count !== 'number')
    return refuse('"pattern", "default_vocab_size" or "default_num_special_tokens" in "config"')
  const vocab = Array.isArray(file.vocab) ? file.vocab.map(asRecord) : refuse('"vocab"')
  const tokens = vocab.slice(0, size - count).map((entry) => entry?.token_bytes)
  if (tokens.length !== size - count || !tokens.every((token) => typeof token === 'string'))
    return refuse(`${size - count} tokens with "token_bytes" in "vocab"`)
  const listed = Array.isArray(file.special_tokens) ? file.special_tokens.map(asRecord) : null
  const named = listed ? listed.map((entry) => String(entry?.token_str)) : SPECIALS
  const added = Array.from({ length: count }, (_, id) => ({
    id,
    content: named[id] ?? `<SPECIAL_${id}>`,
    special: true,
  }))
  const roles = { bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>' }
  return {
    tokenizer: rankedTokenizer({ tokens, firstId: count, pattern, added }),
    config: { ...roles, add_bos_token: true },
  }
}
