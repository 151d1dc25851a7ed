/**
 * The text side of a GGUF file (vocabulary, merges, chat template, stop tokens) in the shape of Hugging Face's
 * tokenizer files.
 */
import { ModelError } from '../../spec/errors.js'
import type { TokenizerFiles } from '../../spec/manifest.js'
import type { Checkpoint } from '../../checkpoint/checkpoint.js'
import { stopTokens } from '../stop-tokens.js'
import type { Metadata } from '../../checkpoint/gguf/metadata.js'
import { preTokenizer, preTokenizerNames } from './pre-tokenizers.js'
import { CONTROL, tokenTypes, UNUSED, USER_DEFINED } from './token-types.js'

/** Metadata keys of tokens with a role, and their names in a tokenizer configuration. */
const ROLES = [
  ['tokenizer.ggml.bos_token_id', 'bos_token'],
  ['tokenizer.ggml.eos_token_id', 'eos_token'],
  ['tokenizer.ggml.unknown_token_id', 'unk_token'],
  ['tokenizer.ggml.padding_token_id', 'pad_token'],
] as const

export function textSide(
  metadata: Metadata,
  vocabSize: number,
): Pick<Checkpoint, 'tokenizer' | 'chatTemplate' | 'stopTokens' | 'bosToken'> {
  const refuse = (message: string): never => {
    throw new ModelError('model_invalid', metadata.path, `${metadata.path} ${message}`)
  }
  const model = metadata.string('tokenizer.ggml.model')
  if (model !== 'gpt2') refuse(`has a tokenizer of kind "${model}"; this reader knows byte-level BPE ("gpt2")`)
  const rule = metadata.string('tokenizer.ggml.pre', 'default')
  const pre =
    preTokenizer(rule) ??
    refuse(`splits text by the rule "${rule}"; this reader knows ${preTokenizerNames().join(', ')}`)
  const tokens = metadata.strings('tokenizer.ggml.tokens')
  if (tokens.length !== vocabSize) refuse(`lists ${tokens.length} tokens; its embedding has ${vocabSize} rows`)
  const kinds = tokenTypes(metadata, tokens)
  const idUnder = (key: string): number | null => {
    if (!metadata.has(key)) return null
    const id = metadata.number(key)
    return Number.isInteger(id) && id >= 0 && id < tokens.length
      ? id
      : refuse(`names token ${id} as "${key}"; it has ${tokens.length} tokens`)
  }

  const ids = tokens.map((_, id) => id)
  const added = ids
    .filter((id) => kinds[id] === CONTROL || kinds[id] === USER_DEFINED)
    .map((id) => ({
      id,
      content: tokens[id],
      special: kinds[id] === CONTROL,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    }))
  const bos = idUnder('tokenizer.ggml.bos_token_id')
  const addBos = metadata.boolean('tokenizer.ggml.add_bos_token', pre.addsBos)
  const files: TokenizerFiles = {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: added,
      normalizer: pre.normalizer,
      pre_tokenizer: pre.preTokenizer,
      post_processor: null,
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: 'BPE',
        vocab: Object.fromEntries(ids.filter((id) => kinds[id] !== UNUSED).map((id) => [tokens[id], id])),
        merges: metadata.strings('tokenizer.ggml.merges'),
        ignore_merges: pre.ignoreMerges,
      },
    },
    config: { add_bos_token: addBos, clean_up_tokenization_spaces: false },
  }
  for (const [key, name] of ROLES) {
    const id = idUnder(key)
    if (id !== null) files.config[name] = tokens[id]
  }
  const stated = ['eos', 'eot', 'eom']
    .map((name) => idUnder(`tokenizer.ggml.${name}_token_id`))
    .filter((id) => id !== null)
  return {
    tokenizer: files,
    chatTemplate: metadata.has('tokenizer.chat_template') ? metadata.string('tokenizer.chat_template') : null,
    stopTokens: stopTokens(stated, added),
    bosToken: addBos ? bos : null,
  }
}
