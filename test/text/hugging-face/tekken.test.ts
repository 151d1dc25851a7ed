import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ModelError } from '../../../src/spec/errors.js'
import { readTekken } from '../../../src/text/hugging-face/tekken.js'
import { createTokenizer } from '../../../src/text/tokenizer.js'

const token = (text: string, rank: number): object => ({ rank, token_bytes: Buffer.from(text).toString('base64') })
const FILE = {
  config: { pattern: String.raw`\p{L}+|.`, default_vocab_size: 25, default_num_special_tokens: 22 },
  vocab: ['a', 'b', 'ab', 'ba'].map(token),
}

test('special tokens come first, by the names that older files leave out, then as many tokens as the size says', () => {
  const tokenizer = createTokenizer(readTekken('tekken.json', FILE))
  assert.is(tokenizer.vocabSize, 25)
  assert.equal(tokenizer.encode('abba'), [24, 23, 22])
  assert.equal(tokenizer.encode('<s>[INST]<SPECIAL_21>', { parseSpecial: true }), [1, 3, 21])
  assert.equal([tokenizer.roles.bos_token, tokenizer.roles.eos_token], ['<s>', '</s>'])
})

test('a file may list its special tokens', () => {
  const file = { ...FILE, special_tokens: [{ rank: 0, token_str: '<nil>', is_control: true }] }
  const tokenizer = createTokenizer(readTekken('tekken.json', file))
  assert.equal(tokenizer.encode('<nil><SPECIAL_1>', { parseSpecial: true }), [0, 1])
})

test('a file without its tables is refused by what it lacks', () => {
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ config: undefined }, /tekken.json lacks "config"/],
    [{ config: { ...FILE.config, pattern: undefined } }, /lacks "pattern"/],
    [{ vocab: undefined }, /lacks "vocab"/],
    [{ vocab: FILE.vocab.slice(2) }, /lacks 3 tokens/],
  ]
  for (const [changed, words] of cases)
    assert.throws(
      () => readTekken('tekken.json', { ...FILE, ...changed }),
      (error: unknown) => error instanceof ModelError && words.test(error.message),
    )
})

test.run()
