/**
 * SentencePiece's merging by scores, and what its pieces stand for. A text starts as its characters; of all neighbours
 * that join to a piece, the pair with the best score is joined, the leftmost of equal ones, until none is left.
 * Characters that are no pieces are spelled in bytes.
 */
import { asRecord } from '../common/record.js'
import { ModelError } from '../spec/errors.js'
import { MergeQueue } from './merge-queue.js'

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

/** How pieces spell a blank. */
const BLANK = '▁'
const utf8 = new TextEncoder()

/** Pieces' spelling with blanks as they are in text. */
export const unspelled = (piece: string): string => piece.replaceAll(BLANK, ' ')

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
  const ids = new Map<string, number>()
  vocab.forEach(([piece, score], id) => {
    if (score !== null && !ids.has(piece)) ids.set(piece, id)
  })
  const byteOf = new Map(bytes.map((id, byte) => [id, byte]))
  const scoreOf = (piece: string): number | undefined => {
    const id = ids.get(piece)
    return id === undefined ? undefined : (vocab[id][1] ?? undefined)
  }
  const spelledOut = (character: string): number[] => {
    if (bytes.length > 0) return Array.from(utf8.encode(character), (byte) => bytes[byte])
    return unknown === null ? [] : [unknown]
  }

  return {
    encode(text) {
      const spelled = (spacePrefix ? BLANK : '') + text.replace(/\p{Surrogate}/gu, '\ufffd').replaceAll(' ', BLANK)
      return merged(spelled, scoreOf).flatMap((piece) => ids.get(piece) ?? spelledOut(piece))
    },
    written(token) {
      const byte = byteOf.get(token)
      if (byte !== undefined) return Uint8Array.of(byte)
      const [piece, score] = vocab[token] ?? ['', null]
      return utf8.encode(score === null ? '' : unspelled(piece))
    },
  }
}

/** The pieces of `text` and characters left single, in order. */
function merged(text: string, scoreOf: (piece: string) => number | undefined): string[] {
  // A symbol is known by where it starts in `text`; `ends` is 0 where none starts.
  const ends = new Uint32Array(text.length + 1)
  const before = new Int32Array(text.length + 1).fill(-1)
  const queue = new MergeQueue()
  const offer = (left: number, right: number): void => {
    if (left < 0 || right >= text.length) return
    const end = ends[right]
    const score = scoreOf(text.slice(left, end))
    if (score !== undefined) queue.push({ score, left, right, end })
  }

  let last = -1
  for (const { length } of text) {
    const at = last < 0 ? 0 : ends[last]
    before[at] = last
    ends[at] = at + length
    offer(last, at)
    last = at
  }
  for (let pair = queue.pop(); pair; pair = queue.pop()) {
    const { left, right, end } = pair
    // One of the two has been joined to something else since.
    if (ends[left] !== right || ends[right] !== end) continue
    ends[left] = end
    ends[right] = 0
    if (end < text.length) before[end] = left
    offer(before[left], left)
    offer(left, end)
  }

  const pieces: string[] = []
  for (let at = 0; at < text.length; at = ends[at]) pieces.push(text.slice(at, ends[at]))
  return pieces
}
