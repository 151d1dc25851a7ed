import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Metadata } from '../../src/checkpoint/gguf/metadata.js'
import { ModelError } from '../../src/spec/errors.js'
import type { TokenizerFiles } from '../../src/spec/manifest.js'
import { textSide } from '../../src/text/gguf/text-side.js'
import { openSentencePieces, sentencePieceModel, type SentencePieceModel } from '../../src/text/sentence-pieces.js'
import { createTokenizer } from '../../src/text/tokenizer.js'
import { tokenizerHash } from '../../src/text/tokenizer-table.js'

interface Vocabulary {
  spacePrefix: boolean
  tokens: string[]
  scores: number[]
  types: number[]
  cases: [text: string, ids: number[]][]
}

const vocabularies = JSON.parse(readFileSync('test/fixtures/sentence-pieces/vocabulary.json', 'utf8')) as Vocabulary[]

const filesOf = ({ spacePrefix, tokens, scores, types }: Vocabulary): TokenizerFiles =>
  textSide(
    new Metadata('tiny.gguf', {
      'tokenizer.ggml.model': 'llama',
      'tokenizer.ggml.tokens': tokens,
      'tokenizer.ggml.scores': scores,
      'tokenizer.ggml.token_type': types,
      'tokenizer.ggml.add_space_prefix': spacePrefix,
      'tokenizer.ggml.bos_token_id': 1,
      'tokenizer.ggml.eos_token_id': 2,
    }),
    tokens.length,
  ).tokenizer

const model = (changed: Partial<SentencePieceModel> = {}): SentencePieceModel => ({
  type: 'SentencePiece',
  vocab: [
    ['<unk>', null],
    ['a', -9],
    ['b', -9],
    ['ab', -2],
    ['ba', -1],
    ['▁', -9],
    ['aa', -3],
    ['<ctl>', null],
  ],
  bytes: [],
  unknown: 0,
  spacePrefix: false,
  ...changed,
})

for (const vocabulary of vocabularies) {
  const { spacePrefix, cases } = vocabulary
  const tokenizer = createTokenizer(filesOf(vocabulary))

  test(`ids are those of sentencepiece, ${spacePrefix ? 'with' : 'without'} a blank before the text`, () => {
    const wrong = cases.filter(([text, ids]) => JSON.stringify(tokenizer.encode(text)) !== JSON.stringify(ids))
    assert.equal(wrong, [])
    assert.ok(cases.length > 30)
  })

  test(`tokens give the text back, whole and one by one, ${spacePrefix ? 'with' : 'without'} a blank first`, () => {
    for (const [text] of cases) {
      const ids = tokenizer.encode(text)
      // The blank's spelling is no character that a text can keep.
      const expected = (spacePrefix && text !== '' ? ' ' : '') + text.replaceAll('▁', ' ')
      assert.is(tokenizer.decode(ids), expected)
      assert.is(Buffer.concat(ids.map((id) => tokenizer.bytes(id))).toString(), expected)
    }
  })

  test(`control tokens are found only where asked for, ${spacePrefix ? 'with' : 'without'} a blank first`, () => {
    assert.not(tokenizer.encode('</s>').includes(2))
    assert.is(tokenizer.encode('the</s>', { parseSpecial: true }).at(-1), 2)
    assert.is(tokenizer.bytes(2).length, 0)
    assert.is(tokenizer.decode([2], { special: true }), '</s>')
  })
}

test('the best score is joined first, and of equal ones the leftmost', () => {
  const { encode } = openSentencePieces(model())
  assert.equal(encode('aba'), [1, 4])
  assert.equal(encode('aaa'), [6, 1])
  assert.equal(encode('aaaa'), [6, 6])
})

test('the spelling of a control token in text is never its id', () => {
  const pieces = openSentencePieces(
    model({
      vocab: [
        ['<', -1],
        ['c', -1],
        ['<c', -1],
        ['<c>', null],
        ['>', -1],
      ],
    }),
  )
  assert.equal(pieces.encode('<c>'), [2, 4])
})

test('characters without a piece are the unknown token, or nothing where there is none', () => {
  assert.equal(openSentencePieces(model()).encode('a😀b'), [1, 0, 2])
  assert.equal(openSentencePieces(model({ unknown: null })).encode('a😀b'), [1, 2])
})

test('half of a surrogate pair is the replacement character', () => {
  const { encode } = openSentencePieces(model({ vocab: [['\ufffd', -1]] }))
  assert.equal(encode('\ud83d'), [0])
})

test('models pair by scores and the blank before a text, not by tokens alone', () => {
  const [first] = vocabularies
  const hash = tokenizerHash(filesOf(first))
  assert.is(tokenizerHash(filesOf({ ...first })), hash)
  assert.is.not(tokenizerHash(filesOf({ ...first, spacePrefix: !first.spacePrefix })), hash)
  assert.is.not(tokenizerHash(filesOf({ ...first, scores: first.scores.map((score) => -score) })), hash)
})

test('other models are not taken for one, and one without its tables is refused', () => {
  assert.is(sentencePieceModel({ type: 'BPE' }), null)
  assert.throws(
    () => sentencePieceModel({ type: 'SentencePiece' }),
    (error: unknown) => error instanceof ModelError,
  )
})

test.run()
