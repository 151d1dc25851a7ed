/**
 * SentencePiece's merging by scores, and what its pieces stand for. A text starts as its characters; of all neighbours
 * that join to a piece, the pair with the best score is joined, the leftmost of equal ones, until none is left.
 * Characters that are no pieces are spelled in bytes.
 */
import { asRecord } from '../common/record.js'
import { ModelError } from '../spec/errors.js'
import { BLANK, unspelled } from './blank.js'
import { joinPairs } from './join-pairs.js'
import { PairTable, type Pairs } from './pair-table.js'

/** The `model` of a `tokenizer.json`, in a form of ours: the public ones cannot say "by score, then from the left". */
export interface SentencePieceModel {
  type: 'SentencePiece'
  /** [tokens] spelling and score; a null score marks what is no text to be merged: control tokens, bytes, unused. */
  vocab: [piece: string, score: number | null][]
  /** [256] the token of each byte; empty where the vocabulary has none. */
  bytes: number[]
  /** For characters without a piece where there are no bytes; null: they are left out. */
  unknown: number | null
  /** Whether a blank goes before a text, so that its first word is spelled as others are. */
  spacePrefix: boolean
}

export interface SentencePieces {
  /** `text` holds no added tokens. */
  encode(text: string): number[]
  /** The bytes that a token stands for. */
  written(token: number): Uint8Array
}

const utf8 = new TextEncoder()
/** Pairs that texts have asked for are remembered up to this many. */
const REMEMBERED = 2 ** 20

/** Throws `ModelError` where `model` lacks a table. */
export function sentencePieceModel(model: unknown): SentencePieceModel | null {
  const found = asRecord(model)
  if (found?.type !== 'SentencePiece') return null
  if (!Array.isArray(found.vocab) || !Array.isArray(found.bytes))
    throw new ModelError('model_invalid', 'tokenizer.json', 'the tokenizer lacks its pieces; import the model again')
  return model as SentencePieceModel
}

export function openSentencePieces(model: SentencePieceModel): SentencePieces {
  const { vocab, bytes, unknown, spacePrefix } = model
  const byteOf = new Map(bytes.map((id, byte) => [id, byte]))
  const pieces = new PiecePairs(vocab)
  const spelledOut = (character: string): number[] => {
    if (bytes.length > 0) return Array.from(utf8.encode(character), (byte) => bytes[byte])
    return unknown === null ? [] : [unknown]
  }

  return {
    encode(text) {
      const spelled = (spacePrefix ? BLANK : '') + text.replaceAll(' ', BLANK)
      const symbols = new Int32Array(spelled.length)
      let count = 0
      for (const character of spelled) symbols[count++] = pieces.symbolOf(character)
      const tokens: number[] = []
      for (const symbol of symbols.subarray(0, joinPairs(symbols, count, pieces))) {
        if (symbol < vocab.length) tokens.push(symbol)
        else tokens.push(...spelledOut(pieces.spellings[symbol]))
      }
      return tokens
    },
    written(token) {
      const byte = byteOf.get(token)
      if (byte !== undefined) return Uint8Array.of(byte)
      const [piece, score] = vocab[token] ?? ['', null]
      return utf8.encode(score === null ? '' : unspelled(piece))
    },
  }
}

/**
 * Two symbols join where their spellings together are a piece; its rank is that of its score. Symbols are ids of pieces
 * and, beyond the vocabulary, characters that are none. Pairs are found out when a text first asks for them: spelling
 * out all pairs of a vocabulary takes seconds.
 */
class PiecePairs implements Pairs {
  private readonly table = new PairTable()
  private readonly ids = new Map<string, number>()
  private readonly rankOf: Map<number, number>
  readonly spellings: string[]

  constructor(private readonly vocab: SentencePieceModel['vocab']) {
    this.spellings = vocab.map(([piece]) => piece)
    vocab.forEach(([piece, score], id) => {
      if (score !== null && !this.ids.has(piece)) this.ids.set(piece, id)
    })
    const scores = new Set(vocab.flatMap(([, score]) => score ?? []))
    this.rankOf = new Map([...scores].sort((a, b) => b - a).map((score, rank) => [score, rank]))
  }

  get ranks(): Int32Array {
    return this.table.ranks
  }

  get joined(): Int32Array {
    return this.table.joined
  }

  symbolOf(character: string): number {
    let symbol = this.ids.get(character)
    if (symbol === undefined) {
      symbol = this.spellings.push(character) - 1
      this.ids.set(character, symbol)
    }
    return symbol
  }

  find(left: number, right: number): number {
    const { table, spellings, vocab } = this
    const found = table.find(left, right)
    if (found >= 0) return found
    if (table.size >= REMEMBERED) table.clear()
    const joined = this.ids.get(spellings[left] + spellings[right]) ?? -1
    return table.set(left, right, this.rankOf.get(vocab[joined]?.[1] ?? NaN) ?? -1, joined)
  }
}
