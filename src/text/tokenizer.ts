/**
 * Text to token ids and back: added tokens are found first, the text between them is normalized, cut into words and
 * merged (`byte-pairs.ts`, or `sentence-pieces.ts` for files with scores). Besides what the reference implementation
 * does: special tokens are not parsed unless asked for, and each token has its raw bytes.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ModelError } from '../spec/errors.js'
import { unspelled } from './blank.js'
import { openBytePairs } from './byte-pairs.js'
import { openDecoder } from './decoders.js'
import type { ModelManifest, TokenizerFiles } from '../spec/manifest.js'
import { openNormalizer, type Normalizer } from './normalizers.js'
import { openPreTokenizer } from './pre-tokenizers.js'
import { tokenSplitter } from './specials.js'
import { openSentencePieces, sentencePieceModel, type SentencePieceModel } from './sentence-pieces.js'
import type { Tokenizer } from './text.js'
import { asRecord } from '../common/record.js'
import { tokenizerTable, type AddedToken, type TokenizerTable } from './tokenizer-table.js'

export { tokenizerHash } from './tokenizer-table.js'

/** A tokenizer with what a chat template needs of it. */
export interface ModelTokenizer extends Tokenizer {
  readonly specials: readonly AddedToken[]
  /** Plain runs and special tokens' ids, in order. */
  splitSpecials(text: string): (string | number)[]
  /** Text between tokens that are known already; a text is one at its beginning alone. */
  encodeParts(parts: readonly (string | number)[]): number[]
  /** Spellings of the tokens with a role, as templates name them: `bos_token`, `eos_token`, ... */
  readonly roles: Readonly<Record<string, string>>
  /** Ids below `rows` that stand for no token: heads may have more rows than there are tokens. */
  missing(rows: number): Int32Array
}

/** Between added tokens: how a run of text is merged, and what bytes a spelling stands for. */
interface Merging {
  /** Of the whole text, before any token is looked for. */
  prepare: Normalizer
  /** Of a run of text. */
  normalize: Normalizer
  encode(run: string, startsText: boolean): number[]
  written(token: number): Uint8Array
  /** The bytes of an added token that is not special. */
  addedBytes(content: string): Uint8Array
}

const utf8 = new TextEncoder()
const NO_BYTES = new Uint8Array(0)

/**
 * Makes a tokenizer of Hugging Face's files. Its ids equal the reference implementation's (Rust `tokenizers` with
 * `encode_special_tokens`). Throws `ModelError` for other kinds.
 */
export function createTokenizer(files: TokenizerFiles): ModelTokenizer {
  const table = tokenizerTable(files)
  const { spellings, added } = table
  const specials = added.filter((token) => token.special)
  const specialIds = new Set(specials.map((token) => token.id))
  const ids = new Map([...spellings].map(([id, spelling]) => [spelling, id]))
  const pieces = sentencePieceModel(files.tokenizer.model)
  const merging = pieces ? scored(pieces) : listed(files, table)
  const addedBytes = new Map(
    added.map(({ id, special, content }) => [id, special ? utf8.encode(content) : merging.addedBytes(content)]),
  )
  const cache = new Map<number, Uint8Array>()
  const written = (token: number): Uint8Array => {
    let bytes = cache.get(token)
    if (!bytes) cache.set(token, (bytes = addedBytes.get(token) ?? merging.written(token)))
    return bytes
  }
  const encodeParts = encoder(merging, added)
  const splitSpecials = tokenSplitter(specials)
  const known = [...spellings.keys()]
  return {
    vocabSize: known.reduce((most, id) => Math.max(most, id + 1), 0),
    mostBytes: known.reduce((most, id) => Math.max(most, (addedBytes.get(id) ?? merging.written(id)).length), 1),
    specials,
    splitSpecials: (text) => splitSpecials(text, true),
    roles: roles(files.config),
    missing: (rows) => Int32Array.from({ length: rows }, (_, id) => id).filter((id) => !spellings.has(id)),
    encode: (text, options) => encodeParts([text], options?.parseSpecial === true),
    encodeParts: (parts) => encodeParts(parts, false),
    bytes: (token) => (specialIds.has(token) ? NO_BYTES : written(token)),
    decode: (tokens, options) => {
      const shown = Array.from(tokens).filter((token) => options?.special || !specialIds.has(token))
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(shown.map(written)))
    },
    idOf: (spelling) => ids.get(spelling),
  }
}

/** Added tokens that say so are looked for in normalized text, in their normalized form; the others before. */
function encoder(
  { prepare, normalize, encode }: Merging,
  added: readonly AddedToken[],
): (parts: readonly (string | number)[], parseSpecial: boolean) => number[] {
  const asGiven = tokenSplitter(added.filter((token) => !token.normalized))
  const normalized = tokenSplitter(
    added.filter((token) => token.normalized).map((token) => ({ ...token, content: normalize(token.content) })),
  )
  return (parts, parseSpecial) => {
    const tokens: number[] = []
    let startsText = true
    const add = (part: string | number): void => {
      if (typeof part === 'number') tokens.push(part)
      // One by one: a long text has more tokens than a call may have arguments.
      else for (const token of encode(part, startsText)) tokens.push(token)
      startsText = false
    }
    for (const part of parts) {
      if (typeof part === 'number') add(part)
      else {
        for (const run of asGiven(prepare(part.replace(/\p{Surrogate}/gu, '\ufffd')), parseSpecial)) {
          if (typeof run === 'number') add(run)
          else normalized(normalize(run), parseSpecial).forEach(add)
        }
      }
    }
    return tokens
  }
}

function scored(model: SentencePieceModel): Merging {
  const pieces = openSentencePieces(model)
  return {
    prepare: unspelled,
    normalize: (text) => text,
    encode: (run) => pieces.encode(run),
    written: (token) => pieces.written(token),
    addedBytes: (content) => utf8.encode(content),
  }
}

function listed({ tokenizer }: TokenizerFiles, { spellings, words, merges }: TokenizerTable): Merging {
  const decode = openDecoder(tokenizer.decoder)
  const cut = openPreTokenizer(tokenizer.pre_tokenizer)
  const pairs = openBytePairs(asRecord(tokenizer.model) ?? {}, words, merges)
  return {
    prepare: (text) => text,
    normalize: openNormalizer(tokenizer.normalizer),
    encode: (run, startsText) => {
      const tokens: number[] = []
      for (const word of cut([run], startsText)) pairs.encode(word, tokens)
      return tokens
    },
    written: (token) => decode(spellings.get(token) ?? ''),
    addedBytes: decode,
  }
}

/** Opens the tokenizer of an imported model. Throws `ModelError` when its file is missing or corrupt. */
export async function loadTokenizer(dir: string, manifest: Pick<ModelManifest, 'files'>): Promise<ModelTokenizer> {
  return createTokenizer(await readTokenizer(dir, manifest))
}

/** Reads its files. Throws as `loadTokenizer`. */
export async function readTokenizer(dir: string, manifest: Pick<ModelManifest, 'files'>): Promise<TokenizerFiles> {
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
  return { tokenizer, config }
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
