import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ModelError } from '../../../src/spec/errors.js'
import { isTiktoken, readTiktoken } from '../../../src/text/hugging-face/tiktoken.js'
import { createTokenizer } from '../../../src/text/tokenizer.js'

const table = (...tokens: string[]): string =>
  tokens.map((token, rank) => `${Buffer.from(token).toString('base64')} ${rank}\n`).join('')
const CONFIG = { added_tokens_decoder: { 4: { content: '<|end|>', special: true }, 5: { content: '<x>' } } }

const says =
  (words: RegExp) =>
  (error: unknown): boolean =>
    error instanceof ModelError && words.test(error.message)

test('a table is told by its first line', () => {
  assert.ok(isTiktoken(table('a', 'b')))
  assert.not(isTiktoken('\n\u000e\n\u0005<unk>'))
  assert.not(isTiktoken(''))
})

test('ranks are ids, and the configuration names the special tokens', () => {
  const tokenizer = createTokenizer({
    tokenizer: readTiktoken('tokenizer.model', table('a', 'b', ' ', 'ab'), CONFIG),
    config: CONFIG,
  })
  assert.equal(tokenizer.encode('ab a<|end|><x>', { parseSpecial: true }), [3, 2, 0, 4, 5])
  assert.not(tokenizer.encode('<|end|>').includes(4))
})

test('a damaged line is named, and a table without special tokens is refused with what would do', () => {
  assert.throws(
    () => readTiktoken('t.model', `${table('a')}YQ== 5\n`, CONFIG),
    says(/"YQ== 5" in line 2; expected a token and 1/),
  )
  assert.throws(() => readTiktoken('t.model', table('a'), {}), says(/no "added_tokens_decoder".*tokenizer.json/))
})

test.run()
