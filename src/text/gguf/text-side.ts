/**
 * The text side of a GGUF file (vocabulary, merges, chat template, stop tokens) in the shape of Hugging Face's
 * tokenizer files.
 */
import { ModelError } from '../../spec/errors.js'
import type { TokenizerFiles } from '../../spec/manifest.js'
import type { Checkpoint } from '../../checkpoint/checkpoint.js'
import { endTokens, samplingOfConfig, samplingOfGguf } from '../generation-config.js'
import { stopTokens } from '../stop-tokens.js'
import type { RawGguf } from '../../checkpoint/raw.js'
import type { Metadata } from '../../checkpoint/gguf/metadata.js'
import { unspelled } from '../blank.js'
import { byteLevel, sentencePieces } from './merging.js'
import { CONTROL, tokenTypes, UNKNOWN, USER_DEFINED } from './token-types.js'

/** Metadata keys of tokens with a role, and their names in a tokenizer configuration. */
const ROLES = [
  ['tokenizer.ggml.bos_token_id', 'bos_token'],
  ['tokenizer.ggml.eos_token_id', 'eos_token'],
  ['tokenizer.ggml.unknown_token_id', 'unk_token'],
  ['tokenizer.ggml.padding_token_id', 'pad_token'],
] as const

/** `generation`: what lies beside the file; it says more than the file does, so it goes first. */
export function textSide(
  metadata: Metadata,
  vocabSize: number,
  generation?: RawGguf['generation'],
): Pick<Checkpoint, 'tokenizer' | 'chatTemplate' | 'stopTokens' | 'bosToken' | 'sampling'> {
  const refuse = (message: string): never => {
    throw new ModelError('model_invalid', metadata.path, `${metadata.path} ${message}`)
  }
  const model = metadata.string('tokenizer.ggml.model')
  if (model !== 'gpt2' && model !== 'llama')
    refuse(`has a tokenizer of kind "${model}"; this reader knows byte-level BPE ("gpt2") and SentencePiece ("llama")`)
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
  const scored = model === 'llama'
  const special = (id: number): boolean => kinds[id] === CONTROL || (scored && kinds[id] === UNKNOWN)
  const added = ids
    .filter((id) => special(id) || kinds[id] === USER_DEFINED)
    .map((id) => ({
      id,
      content: scored && !special(id) ? unspelled(tokens[id]) : tokens[id],
      special: special(id),
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    }))
  const bos = idUnder('tokenizer.ggml.bos_token_id')
  const merging = scored ? sentencePieces(metadata, tokens, kinds) : byteLevel(metadata, tokens, kinds)
  const addBos = metadata.boolean('tokenizer.ggml.add_bos_token', merging.addsBos)
  const files: TokenizerFiles = {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: added,
      ...merging.parts,
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
  const ends = (generation && endTokens(generation.config)) ?? []
  return {
    tokenizer: files,
    chatTemplate: metadata.has('tokenizer.chat_template') ? metadata.string('tokenizer.chat_template') : null,
    stopTokens: stopTokens([...stated, ...ends], added),
    bosToken: addBos ? bos : null,
    sampling: {
      ...samplingOfGguf(metadata),
      ...(generation && samplingOfConfig(generation.path, generation.config)),
    },
  }
}
