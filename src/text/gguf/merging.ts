/** How a GGUF file's tokens are merged, in the shape of a `tokenizer.json`: by a list of merges, or by scores. */
import type { Metadata } from '../../checkpoint/gguf/metadata.js'
import { ModelError } from '../../spec/errors.js'
import type { SentencePieceModel } from '../sentence-pieces.js'
import { preTokenizer, preTokenizerNames } from './pre-tokenizer-names.js'
import { BYTE, NORMAL, UNKNOWN, UNUSED, USER_DEFINED } from './token-types.js'

export interface Merging {
  /** Members of `tokenizer.json`. */
  parts: Record<string, unknown>
  /** Whether raw text starts with the bos token where the file does not say. */
  addsBos: boolean
}

/** `tokenizer.ggml.model` = `gpt2`. `kinds` [tokens] are token types. Throws `ModelError` for an unknown rule. */
export function byteLevel(metadata: Metadata, tokens: readonly string[], kinds: readonly number[]): Merging {
  if (!metadata.has('tokenizer.ggml.pre'))
    throw invalid(
      metadata,
      'does not say how it splits text ("tokenizer.ggml.pre"), as files of early 2024 do not; take a newer conversion',
    )
  const rule = metadata.string('tokenizer.ggml.pre')
  const pre = preTokenizer(rule)
  if (!pre)
    throw invalid(metadata, `splits text by the rule "${rule}"; this reader knows ${preTokenizerNames().join(', ')}`)
  const used = tokens.map((token, id) => [token, id] as const).filter(([, id]) => kinds[id] !== UNUSED)
  return {
    parts: {
      normalizer: pre.normalizer,
      pre_tokenizer: pre.preTokenizer,
      post_processor: null,
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: 'BPE',
        vocab: Object.fromEntries(used),
        merges: metadata.strings('tokenizer.ggml.merges'),
        ignore_merges: pre.ignoreMerges,
      },
    },
    addsBos: pre.addsBos,
  }
}

/**
 * `tokenizer.ggml.model` = `llama`. Throws `ModelError` where scores do not fit the tokens, or some of the 256 bytes
 * have no token though others have.
 */
export function sentencePieces(metadata: Metadata, tokens: readonly string[], kinds: readonly number[]): Merging {
  const scores = metadata.numbers('tokenizer.ggml.scores')
  if (scores.length !== tokens.length)
    throw invalid(metadata, `lists ${tokens.length} tokens but ${scores.length} scores; download it again`)
  const byteIds = new Map(tokens.flatMap((token, id) => (kinds[id] === BYTE ? [[token, id] as const] : [])))
  const bytes = Array.from({ length: byteIds.size === 0 ? 0 : 256 }, (_, byte) => {
    const spelling = `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`
    const id = byteIds.get(spelling)
    if (id === undefined) throw invalid(metadata, `has tokens for bytes but not ${spelling}; convert the model again`)
    return id
  })
  const unknown = kinds.indexOf(UNKNOWN)
  const isText = (id: number): boolean => kinds[id] === NORMAL || kinds[id] === USER_DEFINED
  const model: SentencePieceModel = {
    type: 'SentencePiece',
    vocab: tokens.map((token, id) => [token, isText(id) ? scores[id] : null]),
    bytes,
    unknown: unknown < 0 ? null : unknown,
    spacePrefix: metadata.boolean('tokenizer.ggml.add_space_prefix', true),
  }
  return { parts: { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, model }, addsBos: true }
}

const invalid = ({ path }: Metadata, message: string): ModelError =>
  new ModelError('model_invalid', path, `${path} ${message}`)
