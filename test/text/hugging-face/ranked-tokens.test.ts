import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { rankedTokenizer } from '../../../src/text/hugging-face/ranked-tokens.js'
import { createTokenizer } from '../../../src/text/tokenizer.js'

const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64')
const ranked = (...tokens: string[]): Record<string, unknown> =>
  rankedTokenizer({
    tokens: tokens.map(base64),
    firstId: 10,
    pattern: String.raw`\s?\p{L}+|.`,
    added: [{ id: 0, content: '<s>', special: true }],
  })

test('a token has a merge for every way to cut it in two tokens, those of low ranks first', () => {
  const { model } = ranked('a', 'b', 'c', 'bc', 'ab', 'abc') as { model: { vocab: object; merges: string[][] } }
  assert.equal(model.vocab, { a: 10, b: 11, c: 12, bc: 13, ab: 14, abc: 15 })
  assert.equal(model.merges, [
    ['b', 'c'],
    ['a', 'b'],
    ['a', 'bc'],
    ['ab', 'c'],
  ])
})

test('neighbours of the lowest rank join first, whole words that are tokens are taken as they are', () => {
  const tokenizer = createTokenizer({ tokenizer: ranked('a', 'b', 'c', ' ', 'bc', 'ab', ' abcc'), config: {} })
  assert.equal(tokenizer.encode('abc'), [10, 14])
  assert.equal(tokenizer.encode(' abcc'), [16])
  assert.equal(tokenizer.encode('<s>a', { parseSpecial: true }), [0, 10])
})

test('bytes that are no text of their own are tokens', () => {
  const tokenizer = createTokenizer({ tokenizer: ranked('\xc3', '\xa9', '\xc3\xa9'), config: {} })
  assert.equal(tokenizer.encode('é'), [12])
  assert.equal([...tokenizer.bytes(10)], [0xc3])
})

test.run()
