import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ModelError } from '../../src/spec/errors.js'
import type { TokenizerFiles } from '../../src/spec/manifest.js'
import { tokenizerHash, tokenizerTable } from '../../src/text/tokenizer-table.js'

const model = { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] }
const end = { id: 4, content: '<end>', special: true, rstrip: true }

const files = (changed: Record<string, unknown> = {}, config = {}): TokenizerFiles => ({
  tokenizer: { model, added_tokens: [end], decoder: { type: 'ByteLevel' }, ...changed },
  config,
})

test('tables hold every token by id, added ones too, and merges in pairs', () => {
  const { spellings, added, words, merges } = tokenizerTable(files())
  assert.equal(
    [...spellings],
    [
      [0, 'a'],
      [1, 'b'],
      [2, 'ab'],
      [4, '<end>'],
    ],
  )
  assert.equal(added, [
    { id: 4, content: '<end>', special: true, lstrip: false, rstrip: true, singleWord: false, normalized: false },
  ])
  assert.equal(merges, [['a', 'b']])
  assert.equal([...words.keys()], ['a', 'b', 'ab'], 'merging makes no added tokens')
})

test('an added token has its place in the vocabulary by its own spelling', () => {
  const { spellings } = tokenizerTable(files({ added_tokens: [{ id: 1, content: 'B' }] }))
  assert.is(spellings.get(1), 'B')
})

test('the hash is the same for the same tokens however they are written, and another for others', () => {
  const hash = tokenizerHash(files())
  assert.match(hash, /^[0-9a-f]{64}$/)
  const { vocab, merges } = model
  for (const same of [
    files({ model: { ...model, merges: [['a', 'b']] } }),
    files({ model: { ...model, vocab: { ab: 2, b: 1, a: 0 } } }),
    files({ pre_tokenizer: { type: 'Digits' } }, { bos_token: 'a' }),
  ])
    assert.is(tokenizerHash(same), hash)
  for (const other of [
    files({ model: { ...model, vocab: { ...vocab, c: 3 } } }),
    files({ model: { ...model, vocab: { a: 1, b: 0, ab: 2 } } }),
    files({ model: { ...model, merges: [...merges, 'b a'] } }),
    files({ added_tokens: [{ ...end, special: false }] }),
    files({ added_tokens: [end, { id: 0, content: 'a' }] }),
  ])
    assert.is.not(tokenizerHash(other), hash)
})

test("a converter's padding is no token: heads padded to different lengths have one tokenizer", () => {
  const padded = (...spellings: string[]): TokenizerFiles =>
    files({
      model: {
        type: 'SentencePiece',
        vocab: ['a', 'b', 'ab', '[PAD1]', ...spellings].map((piece, i) => [piece, i < 4 ? -i : null]),
        bytes: [],
        unknown: null,
        spacePrefix: false,
      },
      added_tokens: [],
    })
  assert.equal([...tokenizerTable(padded('[PAD4]', '[PAD5]')).spellings.keys()], [0, 1, 2, 3])
  assert.is(tokenizerHash(padded('[PAD4]', '[PAD5]')), tokenizerHash(padded()))
})

test('what is no BPE, or lacks a part, is refused by that part', () => {
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ model: { type: 'Unigram', vocab: [] } }, /of kind "Unigram"; this release knows "BPE"/],
    [{ model: undefined }, /of kind undefined/],
    [{ model: { ...model, merges: undefined } }, /lacks its vocabulary or merges/],
    [{ added_tokens: undefined }, /lacks its added tokens/],
    [{ model: { ...model, vocab: { a: -1 } } }, /gives token "a" the id -1/],
    [{ model: { ...model, vocab: { a: 0, b: 0 } } }, /gives token "b" the id 0; expected whole numbers, each once/],
    [{ model: { ...model, merges: ['a b c'] } }, /a merge of other than two parts: "a b c"/],
    [{ model: { ...model, merges: [['a']] } }, /a merge of other than two parts/],
    [{ added_tokens: [{ content: 'x' }] }, /an added token without id or content/],
    [{ added_tokens: [{ id: 3, content: '' }] }, /an added token without id or content/],
  ]
  for (const [changed, words] of cases)
    assert.throws(
      () => tokenizerTable(files(changed)),
      (error: unknown) => error instanceof ModelError && error.code === 'model_invalid' && words.test(error.message),
    )
})

test.run()
