/** A vocabulary of every ASCII character and many random words and pieces of JSON; the last token is the stop token. */
import type { Tokenizer } from '../../../src/text/text.js'
import type { VocabularyOptions } from '../../../src/grammar/compiler-thread.js'
import { seeded } from '../../support/random-llama.js'

const PIECES = ['"', '{', '}', '[', ']', ':', ',', ' ', '\n', '\\', 'true', 'null', '-', '.', 'é', '世']

export function words(vocabSize: number): VocabularyOptions {
  const random = seeded(5)
  const letter = (): string => String.fromCharCode((random() < 0.8 ? 97 : 65) + Math.floor(random() * 26))
  const piece = (): string =>
    random() < 0.3
      ? PIECES[Math.floor(random() * PIECES.length)]
      : random() < 0.1
        ? String(Math.floor(random() * 1000))
        : letter()
  const tokens = Array.from({ length: vocabSize - 1 }, (_, token) => {
    const text =
      token < 128 ? String.fromCharCode(token) : Array.from({ length: 1 + Math.floor(random() * 8) }, piece).join('')
    return new Uint8Array(Buffer.from(text))
  })
  const tokenizer: Tokenizer = {
    vocabSize,
    mostBytes: 64,
    encode: (text) => [...Buffer.from(text)],
    bytes: (token) => tokens[token] ?? new Uint8Array(0),
    decode: (ids) => Buffer.concat(Array.from(ids, (token) => tokens[token])).toString(),
    idOf: () => undefined,
  }
  return { tokenizer, vocabSize, stopTokens: [vocabSize - 1] }
}
