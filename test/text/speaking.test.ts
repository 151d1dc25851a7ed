/** Special tokens that are text in answers read for calls. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { speaking } from '../../src/text/speaking.js'
import type { Tokenizer } from '../../src/text/text.js'

const SPELLINGS = ['[TOOL_CALLS]', '</s>', 'a']
const tokenizer: Tokenizer = {
  vocabSize: 3,
  mostBytes: 1,
  encode: () => [],
  bytes: (token) => Buffer.from(token < 2 ? '' : SPELLINGS[token]),
  decode: () => '',
  idOf: (spelling) => (SPELLINGS.includes(spelling) ? SPELLINGS.indexOf(spelling) : undefined),
}

test('only the tokens of the given spellings have a text, and the tokenizer itself stays as it is', () => {
  const subject = speaking(tokenizer, ['[TOOL_CALLS]', '[ARGS]'])
  const texts = (of: Tokenizer): string[] => [0, 1, 2].map((token) => Buffer.from(of.bytes(token)).toString())
  assert.equal(texts(subject), ['[TOOL_CALLS]', '', 'a'])
  assert.equal(texts(tokenizer), ['', '', 'a'])
})

test('where none is a token it is the tokenizer itself', () => {
  assert.is(speaking(tokenizer, ['[ARGS]']), tokenizer)
})

test.run()
