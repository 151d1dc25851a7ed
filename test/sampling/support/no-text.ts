/** A tokenizer for toy vocabularies: every token is its id, written out. */
import type { Tokenizer } from '../../../src/text/text.js'

export const noText: Tokenizer = {
  vocabSize: 256,
  mostBytes: 64,
  encode: (text) => text.split(' ').map(Number),
  bytes: (token) => new TextEncoder().encode(`${token}`),
  decode: (tokens) => Array.from(tokens).join(' '),
  idOf: (spelling) => Number(spelling),
}
