import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ModelError } from '../../src/spec/errors.js'
import { byteSpelling, openBytePairs } from '../../src/text/byte-pairs.js'

const VOCAB = { '?': 0, a: 1, b: 2, ab: 3, abab: 4, '😀': 5 }
const MERGES: [string, string][] = [
  ['a', 'b'],
  ['ab', 'ab'],
]
const BYTES = Object.fromEntries(Array.from({ length: 256 }, (_, byte) => [byteSpelling(byte), 10 + byte]))

function encoded(word: string, model: Record<string, unknown> = {}, vocab: Record<string, number> = VOCAB): number[] {
  const tokens: number[] = []
  openBytePairs(model, new Map(Object.entries(vocab)), MERGES).encode(word, tokens)
  return tokens
}

test('words are merged, characters beyond the first plane among them', () => {
  assert.equal(encoded('ababab😀'), [4, 3, 5])
  assert.equal(encoded(''), [])
})

test('a character without a token is left out before its neighbours are merged', () => {
  assert.equal(encoded('axb'), [3])
})

test('it becomes the unknown token where there is one, a run of them one where they are fused', () => {
  assert.equal(encoded('axyb', { unk_token: '?' }), [1, 0, 0, 2])
  assert.equal(encoded('axyb', { unk_token: '?', fuse_unk: true }), [1, 0, 2])
  assert.equal(encoded('abx', { unk_token: '?' }), [3, 0])
})

test('it is spelled in bytes where the vocabulary has all of them', () => {
  const model = { unk_token: '?', byte_fallback: true }
  assert.equal(encoded('aé', model, { ...VOCAB, ...BYTES }), [1, 10 + 0xc3, 10 + 0xa9])
  assert.equal(encoded('aé', model, { ...VOCAB, '<0xC3>': 7 }), [1, 0])
})

test('a whole word that is a token is taken as it is only where merges are ignored', () => {
  const vocab = { ...VOCAB, ba: 9 }
  assert.equal(encoded('ba', {}, vocab), [2, 1])
  assert.equal(encoded('ba', { ignore_merges: true }, vocab), [9])
})

test('a word met again has the same tokens', () => {
  const tokens: number[] = []
  const pairs = openBytePairs({}, new Map(Object.entries(VOCAB)), MERGES)
  for (const word of ['abab', 'ab', 'abab']) pairs.encode(word, tokens)
  assert.equal(tokens, [4, 3, 4])
})

test('what a model has that is not known is refused by name', () => {
  assert.throws(
    () => encoded('a', { end_of_word_suffix: '</w>' }),
    (error: unknown) => error instanceof ModelError && /"end_of_word_suffix" "<\/w>"/.test(error.message),
  )
  assert.equal(encoded('a', { end_of_word_suffix: '', dropout: null }), [1])
})

test.run()
