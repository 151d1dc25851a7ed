/** The tables inside Hugging Face's tokenizer files, in one shape whatever version wrote them. */
import { createHash } from 'node:crypto'
import { asRecord } from '../common/record.js'
import { ModelError } from '../spec/errors.js'
import type { TokenizerFiles } from '../spec/manifest.js'
import { sentencePieceModel } from './sentence-pieces.js'

/** A token that is matched in text as a whole, before any splitting. */
export interface AddedToken {
  id: number
  content: string
  /** Special tokens are control marks: they are matched only where the caller asks for it, and stand for no text. */
  special: boolean
  lstrip: boolean
  rstrip: boolean
  /** Matched only where no letter, digit or mark stands beside it. */
  singleWord: boolean
  /** Looked for, in its normalized form, after the text is normalized; others before. */
  normalized: boolean
}

export interface TokenizerTable {
  /** Every token's spelling by its id; ids may have gaps. */
  spellings: Map<number, string>
  added: AddedToken[]
  /** Of BPE: what merging may make, without tokens that were added. */
  words: Map<string, number>
  /** Of BPE. */
  merges: [string, string][]
  /** [tokens] of SentencePiece, and what goes with them; null for BPE. */
  scores: (number | boolean | null)[] | null
}

/** Throws `ModelError` for anything but BPE or SentencePiece with their tables in place. */
export function tokenizerTable({ tokenizer }: TokenizerFiles): TokenizerTable {
  const pieces = sentencePieceModel(tokenizer.model)
  if (pieces) {
    const used = pieces.vocab.flatMap(([piece, score], id) => (isPadding(piece, id) ? [] : [{ id, piece, score }]))
    const spellings = new Map(used.map(({ id, piece }) => [id, piece]))
    const added = addedTokens(tokenizer.added_tokens, spellings)
    return {
      spellings,
      added,
      words: new Map(),
      merges: [],
      scores: [...used.map(({ score }) => score), pieces.spacePrefix],
    }
  }
  const model = asRecord(tokenizer.model)
  if (model?.type !== 'BPE')
    throw invalid(
      `is of kind ${JSON.stringify(model?.type)}; this release knows "BPE", and SentencePiece from GGUF files`,
    )
  const vocab = asRecord(model.vocab)
  if (!vocab || !Array.isArray(model.merges)) throw invalid('lacks its vocabulary or merges')
  const spellings = new Map<number, string>()
  for (const [spelling, id] of Object.entries(vocab)) {
    if (!isId(id) || spellings.has(id))
      throw invalid(
        `gives token ${JSON.stringify(spelling)} the id ${JSON.stringify(id)}; expected whole numbers, each once`,
      )
    spellings.set(id, spelling)
  }
  const words = new Map([...spellings].map(([id, spelling]) => [spelling, id]))
  const added = addedTokens(tokenizer.added_tokens, spellings)
  return { spellings, added, words, merges: model.merges.map(mergePair), scores: null }
}

/**
 * SHA-256 (hex) over the token table (id, spelling, kind) and the merges or scores: models with the same value give
 * the same ids the same meaning, and may be paired.
 */
export function tokenizerHash(files: TokenizerFiles): string {
  const { spellings, added, merges, scores } = tokenizerTable(files)
  const kinds = new Map(added.map((token) => [token.id, token.special ? 'special' : 'added']))
  const rows = [...spellings]
    .sort(([a], [b]) => a - b)
    .map(([id, spelling]) => [id, spelling, kinds.get(id) ?? 'normal'])
  return createHash('sha256')
    .update(JSON.stringify([rows, scores ?? merges]))
    .digest('hex')
}

/** Reads the list and puts its tokens in their places among `spellings`. */
function addedTokens(list: unknown, spellings: Map<number, string>): AddedToken[] {
  if (!Array.isArray(list)) throw invalid('lacks its added tokens')
  const added = list.map(addedToken)
  for (const token of added) spellings.set(token.id, token.content)
  return added
}

function addedToken(value: unknown): AddedToken {
  const token = asRecord(value)
  if (!token || !isId(token.id) || typeof token.content !== 'string' || token.content === '')
    throw invalid(`has an added token without id or content: ${JSON.stringify(value)}`)
  return {
    id: token.id,
    content: token.content,
    special: token.special === true,
    lstrip: token.lstrip === true,
    rstrip: token.rstrip === true,
    singleWord: token.single_word === true,
    normalized: typeof token.normalized === 'boolean' ? token.normalized : token.special !== true,
  }
}

/** Older files write a merge as "a b", newer ones as ["a", "b"]. */
function mergePair(value: unknown): [string, string] {
  const parts: unknown = typeof value === 'string' ? value.split(' ') : value
  if (Array.isArray(parts) && parts.length === 2 && parts.every((part) => typeof part === 'string'))
    return [parts[0], parts[1]]
  throw invalid(`has a merge of other than two parts: ${JSON.stringify(value)}`)
}

/** What converters write for a row of the head that has no token. */
const isPadding = (piece: string, id: number): boolean => piece === `[PAD${id}]`

const isId = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

const invalid = (message: string): ModelError =>
  new ModelError('model_invalid', 'tokenizer.json', `the tokenizer ${message}`)
