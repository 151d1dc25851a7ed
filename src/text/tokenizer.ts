/**
 * Text to token ids and back: byte-level BPE by `@huggingface/tokenizers`, SentencePiece by `sentence-pieces.ts`, with
 * what the engine needs besides: special tokens that are not parsed unless asked for, and the raw bytes of one token.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Tokenizer as Bpe } from '@huggingface/tokenizers'
import { ModelError } from '../spec/errors.js'
import { missingBytes, spellingBytes } from './byte-level.js'
import type { ModelManifest, TokenizerFiles } from '../spec/manifest.js'
import { specialSplitter, type SplitSpecials } from './specials.js'
import { openSentencePieces, sentencePieceModel, unspelled, type SentencePieces } from './sentence-pieces.js'
import { explicitRules } from './split-rules.js'
import type { Tokenizer } from './text.js'
import { asRecord } from '../common/record.js'
import { tokenizerTable, type AddedToken } from './tokenizer-table.js'

export { tokenizerHash } from './tokenizer-table.js'

/** A tokenizer with what a chat template needs of it. */
export interface ModelTokenizer extends Tokenizer {
  readonly specials: readonly AddedToken[]
  readonly splitSpecials: SplitSpecials
  /** Spellings of the tokens with a role, as templates name them: `bos_token`, `eos_token`, ... */
  readonly roles: Readonly<Record<string, string>>
  /** Ids below `rows` that stand for no token: heads may have more rows than there are tokens. */
  missing(rows: number): Int32Array
}

const utf8 = new TextEncoder()
const NO_BYTES = new Uint8Array(0)

/**
 * Makes a tokenizer of Hugging Face's files. Its ids equal the reference implementation's (Rust `tokenizers` with
 * `encode_special_tokens`). Throws `ModelError` for other kinds.
 */
export function createTokenizer(files: TokenizerFiles): ModelTokenizer {
  const { spellings, added } = tokenizerTable(files)
  const specials = added.filter((token) => token.special)
  const splitSpecials = specialSplitter(specials)
  const ids = new Map([...spellings].map(([id, spelling]) => [spelling, id]))
  const addedBytes = new Map(added.map((token) => [token.id, utf8.encode(token.content)]))
  const specialIds = new Set(specials.map((token) => token.id))
  const vocabSize = [...spellings.keys()].reduce((most, id) => Math.max(most, id + 1), 0)
  const pieces = sentencePieceModel(files.tokenizer.model)
  const plain = pieces
    ? withAdded(openSentencePieces(pieces), added)
    : openByteLevel(files, (spelling) => ids.has(spelling), spellings)
  const cache = new Map<number, Uint8Array>()

  const encodeText = (text: string): number[] => (text === '' ? [] : plain.encode(text))
  const written = (token: number): Uint8Array => {
    let bytes = cache.get(token)
    if (!bytes) {
      bytes = addedBytes.get(token) ?? plain.written(token)
      cache.set(token, bytes)
    }
    return bytes
  }
  // A byte-level spelling has one character a byte.
  const bytesOf = (spelling: string): number => (pieces ? Buffer.byteLength(unspelled(spelling)) : spelling.length)
  const lengths = [
    ...Array.from(spellings.values(), bytesOf),
    ...Array.from(addedBytes.values(), ({ length }) => length),
  ]
  const mostBytes = lengths.reduce((most, length) => Math.max(most, length), 1)
  return {
    vocabSize,
    mostBytes,
    specials,
    splitSpecials,
    roles: roles(files.config),
    missing: (rows) => Int32Array.from({ length: rows }, (_, id) => id).filter((id) => !spellings.has(id)),
    encode: (text, options) =>
      options?.parseSpecial
        ? splitSpecials(text).flatMap((part) => (typeof part === 'number' ? part : encodeText(part)))
        : encodeText(text),
    bytes: (token) => (specialIds.has(token) ? NO_BYTES : written(token)),
    decode: (tokens, options) => {
      const shown = Array.from(tokens).filter((token) => options?.special || !specialIds.has(token))
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(shown.map(written)))
    },
    idOf: (spelling) => ids.get(spelling),
  }
}

/** Reads the tokenizer of an imported model. Throws `ModelError` when its file is missing or corrupt. */
export async function loadTokenizer(dir: string, manifest: Pick<ModelManifest, 'files'>): Promise<ModelTokenizer> {
  const path = join(dir, manifest.files.tokenizer)
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ModelError('model_not_found', path, `${path} cannot be read; import the model again`, { cause })
  })
  let files: Partial<TokenizerFiles>
  try {
    files = JSON.parse(text) as Partial<TokenizerFiles>
  } catch (cause) {
    throw new ModelError('model_invalid', path, `${path} is not JSON; import the model again`, { cause })
  }
  const { tokenizer, config } = files
  if (!tokenizer || !config)
    throw new ModelError('model_invalid', path, `${path} lacks "tokenizer" or "config"; import the model again`)
  return createTokenizer({ tokenizer, config })
}

/** Added tokens that are text too are found first; merging does not go across them. */
function withAdded(pieces: SentencePieces, added: readonly AddedToken[]): SentencePieces {
  const split = specialSplitter(added.filter((token) => !token.special))
  return {
    ...pieces,
    encode: (text) => split(unspelled(text)).flatMap((part) => (typeof part === 'number' ? part : pieces.encode(part))),
  }
}

function openByteLevel(
  files: TokenizerFiles,
  isToken: (spelling: string) => boolean,
  spellings: ReadonlyMap<number, string>,
): SentencePieces {
  const bpe = openBpe(files, missingBytes(isToken))
  return {
    encode: (text) => bpe.encode(text, { add_special_tokens: false }).ids,
    written: (token) => spellingBytes(spellings.get(token) ?? ''),
  }
}

/**
 * The library's tokenizer, knowing no special tokens and adding none. `missing` bytes are dropped unless the model has
 * a token for the unknown.
 */
function openBpe({ tokenizer, config }: TokenizerFiles, missing: readonly string[]): Bpe {
  const dropped = asRecord(tokenizer.model)?.unk_token ? [] : missing
  const added = (tokenizer.added_tokens as { special?: boolean }[]).filter((token) => token.special !== true)
  const rules = explicitRules(tokenizer.pre_tokenizer ?? null, dropped)
  const parts = {
    normalizer: null,
    decoder: null,
    ...tokenizer,
    added_tokens: added,
    post_processor: null,
    pre_tokenizer: rules,
  }
  try {
    return new Bpe(parts, config)
  } catch (cause) {
    throw new ModelError(
      'model_invalid',
      'tokenizer.json',
      'the tokenizer is of a kind this release does not know ' +
        `(${cause instanceof Error ? cause.message : String(cause)})`,
      { cause },
    )
  }
}

/** `*_token` entries of a tokenizer configuration, written as text or as `{ content }`. */
function roles(config: Record<string, unknown>): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name, value] of Object.entries(config)) {
    const spelling = name.endsWith('_token') ? (asRecord(value)?.content ?? value) : undefined
    if (typeof spelling === 'string') found[name] = spelling
  }
  return found
}
