/**
 * The `BPE` model of a `tokenizer.json`, as the reference implementation (Rust `tokenizers`) runs it. A word starts as
 * its characters; those without a token are spelled in bytes (`byte_fallback`), become the unknown token, or are left
 * out before anything is merged.
 */
import { ModelError } from '../spec/errors.js'
import { joinPairs } from './join-pairs.js'
import { PairTable } from './pair-table.js'

export interface BytePairs {
  /** Appends the tokens of one word to `tokens`. */
  encode(word: string, tokens: number[]): void
}

const utf8 = new TextEncoder()
/** Words this long are not worth remembering. */
const CACHED_LENGTH = 64
const CACHED_WORDS = 20_000

/** `ids` has every spelling of the model's vocabulary; `merges` the first to be joined first. */
export function openBytePairs(
  model: Record<string, unknown>,
  ids: ReadonlyMap<string, number>,
  merges: readonly (readonly [string, string])[],
): BytePairs {
  refuseUnknown(model)
  const pairs = pairTable(ids, merges)
  const characters = characterIds(ids)
  const unknown = typeof model.unk_token === 'string' ? (ids.get(model.unk_token) ?? null) : null
  const bytes = model.byte_fallback === true ? byteIds(ids) : null
  const cache = new Map<string, Int32Array>()

  const symbolsOf = (word: string): Int32Array => {
    const symbols = new Int32Array(word.length * (bytes ? 4 : 1))
    let count = 0
    let pending = false
    for (const character of word) {
      const id = characters.get(character)
      const spelled = id === undefined && bytes ? utf8.encode(character) : null
      if (id !== undefined) {
        if (pending) symbols[count++] = unknown!
        pending = false
        symbols[count++] = id
      } else if (bytes && spelled?.every((byte) => bytes[byte] >= 0)) {
        // The reference lets an unknown token that it still holds back come after the bytes.
        for (const byte of spelled) symbols[count++] = bytes[byte]
      } else if (unknown !== null) {
        if (pending && model.fuse_unk !== true) symbols[count++] = unknown
        pending = true
      }
    }
    if (pending) symbols[count++] = unknown!
    return symbols.subarray(0, count)
  }
  const merged = (word: string): Int32Array => {
    const whole = model.ignore_merges === true ? ids.get(word) : undefined
    if (whole !== undefined) return Int32Array.of(whole)
    const symbols = symbolsOf(word)
    return symbols.subarray(0, joinPairs(symbols, symbols.length, pairs))
  }

  return {
    encode(word, tokens) {
      let found = cache.get(word)
      if (!found) {
        found = merged(word)
        if (word.length <= CACHED_LENGTH) {
          if (cache.size >= CACHED_WORDS) cache.clear()
          cache.set(word, found.slice())
        }
      }
      for (const token of found) tokens.push(token)
    },
  }
}

function refuseUnknown(model: Record<string, unknown>): void {
  for (const name of ['continuing_subword_prefix', 'end_of_word_suffix', 'dropout'])
    if (model[name])
      throw new ModelError(
        'model_invalid',
        'tokenizer.json',
        `the tokenizer's model has "${name}" ${JSON.stringify(model[name])}, which this release does not know`,
      )
}

function pairTable(ids: ReadonlyMap<string, number>, merges: readonly (readonly [string, string])[]): PairTable {
  const pairs = new PairTable(merges.length)
  merges.forEach(([first, second], rank) => {
    const [left, right, joined] = [ids.get(first), ids.get(second), ids.get(first + second)]
    if (left !== undefined && right !== undefined && joined !== undefined) pairs.set(left, right, rank, joined)
  })
  return pairs
}

/** The tokens of one character. */
function characterIds(ids: ReadonlyMap<string, number>): Map<string, number> {
  const found = new Map<string, number>()
  for (const [spelling, id] of ids) {
    const isOne = spelling.length === 1 || (spelling.length === 2 && spelling.codePointAt(0)! > 0xffff)
    if (isOne) found.set(spelling, id)
  }
  return found
}

/** [256] the token of each byte; -1 where there is none. */
function byteIds(ids: ReadonlyMap<string, number>): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => ids.get(byteSpelling(byte)) ?? -1)
}

/** How vocabularies spell the token of a byte. */
export const byteSpelling = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`
