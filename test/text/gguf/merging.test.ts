import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Metadata } from '../../../src/checkpoint/gguf/metadata.js'
import { ModelError } from '../../../src/spec/errors.js'
import { byteLevel, sentencePieces } from '../../../src/text/gguf/merging.js'
import { BYTE, CONTROL, NORMAL, UNKNOWN, UNUSED } from '../../../src/text/gguf/token-types.js'

const TOKENS = ['<unk>', '<s>', 'a', '<unused0>']
const KINDS = [UNKNOWN, CONTROL, NORMAL, UNUSED]

const metadata = (values: Record<string, unknown> = {}): Metadata =>
  new Metadata('tiny.gguf', { 'tokenizer.ggml.scores': [0, 0, -1, -2], ...values })

const says =
  (pattern: RegExp) =>
  (error: unknown): boolean =>
    error instanceof ModelError && pattern.test(error.message)

test('only text is merged, and a blank goes first where the file does not say', () => {
  assert.equal(sentencePieces(metadata(), TOKENS, KINDS).parts.model, {
    type: 'SentencePiece',
    vocab: [
      ['<unk>', null],
      ['<s>', null],
      ['a', -1],
      ['<unused0>', null],
    ],
    bytes: [],
    unknown: 0,
    spacePrefix: true,
  })
})

test('scores must fit the tokens, and bytes be all there or none', () => {
  assert.throws(
    () => sentencePieces(metadata({ 'tokenizer.ggml.scores': [0] }), TOKENS, KINDS),
    says(/4 tokens but 1 scores/),
  )
  assert.throws(() => sentencePieces(metadata(), [...TOKENS.slice(1), '<0x00>'], [3, 1, 5, BYTE]), says(/<0x01>/))
})

test('a rule of splitting that is not known is refused with those that are', () => {
  assert.throws(
    () => byteLevel(metadata({ 'tokenizer.ggml.pre': 'by-ear' }), TOKENS, KINDS),
    says(/"by-ear".*gpt-2, .*smollm, .*llama-bpe, .*tekken/),
  )
})

test('a file that does not say how text is split is refused', () => {
  assert.throws(() => byteLevel(metadata(), TOKENS, KINDS), says(/does not say how it splits text/))
})

test.run()
