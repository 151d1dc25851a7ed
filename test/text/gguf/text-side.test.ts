import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Metadata } from '../../../src/checkpoint/gguf/metadata.js'
import { ModelError } from '../../../src/spec/errors.js'
import { textSide } from '../../../src/text/gguf/text-side.js'
import { CONTROL, NORMAL, UNUSED, USER_DEFINED } from '../../../src/text/gguf/token-types.js'

const TOKENS = ['<s>', '<|im_end|>', 'a', 'b', 'ab', '[gap]', 'name']
const VALUES = {
  'tokenizer.ggml.model': 'gpt2',
  'tokenizer.ggml.pre': 'llama-bpe',
  'tokenizer.ggml.tokens': TOKENS,
  'tokenizer.ggml.token_type': [CONTROL, CONTROL, NORMAL, NORMAL, NORMAL, UNUSED, USER_DEFINED],
  'tokenizer.ggml.merges': ['a b'],
  'tokenizer.ggml.bos_token_id': 0,
  'tokenizer.ggml.eos_token_id': 1,
}

const sideOf = (changed: Record<string, unknown> = {}, vocabSize = TOKENS.length): ReturnType<typeof textSide> =>
  textSide(new Metadata('tiny.gguf', { ...VALUES, ...changed }), vocabSize)

test('tokens become a vocabulary without unused ones, and added tokens of both kinds', () => {
  const { tokenizer } = sideOf().tokenizer
  const model = tokenizer.model as Record<string, unknown>
  assert.equal(model.vocab, { '<s>': 0, '<|im_end|>': 1, a: 2, b: 3, ab: 4, name: 6 })
  assert.equal(model.merges, ['a b'])
  assert.is(model.ignore_merges, true)
  const added = tokenizer.added_tokens as { id: number; content: string; special: boolean }[]
  assert.equal(
    added.map(({ id, content, special }) => [id, content, special]),
    [
      [0, '<s>', true],
      [1, '<|im_end|>', true],
      [6, 'name', false],
    ],
  )
})

test('roles are spelled in the configuration', () => {
  const { config } = sideOf({ 'tokenizer.ggml.padding_token_id': 2 }).tokenizer
  assert.equal(config, {
    add_bos_token: true,
    clean_up_tokenization_spaces: false,
    bos_token: '<s>',
    eos_token: '<|im_end|>',
    pad_token: 'a',
  })
})

test('whether text begins with the bos token the file says, and else the rule of splitting', () => {
  assert.is(sideOf().bosToken, 0)
  assert.is(sideOf({ 'tokenizer.ggml.add_bos_token': false }).bosToken, null)
  assert.is(sideOf({ 'tokenizer.ggml.pre': 'gpt-2' }).bosToken, null)
  assert.is(sideOf({ 'tokenizer.ggml.pre': 'gpt-2', 'tokenizer.ggml.add_bos_token': true }).bosToken, 0)
})

test('a text ends with the tokens that are stated and with special ones spelled like an end', () => {
  assert.equal(sideOf({ 'tokenizer.ggml.eos_token_id': 3, 'tokenizer.ggml.eot_token_id': 2 }).stopTokens, [1, 2, 3])
  assert.equal(sideOf().stopTokens, [1])
})

test('the chat template is that of the file, null where there is none', () => {
  assert.is(sideOf({ 'tokenizer.chat_template': 'x' }).chatTemplate, 'x')
  assert.is(sideOf().chatTemplate, null)
})

test('what cannot be read is refused with the file and what it says', () => {
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ 'tokenizer.ggml.model': 'bert' }, /^tiny.gguf has a tokenizer of kind "bert"; .*"gpt2".*"llama"/],
    [{ 'tokenizer.ggml.pre': 'gpt-9' }, /splits text by the rule "gpt-9"; this reader knows gpt-2, .*smollm, /],
    [{ 'tokenizer.ggml.bos_token_id': 7 }, /names token 7 as "tokenizer.ggml.bos_token_id"; it has 7 tokens/],
  ]
  const isRefused =
    (words: RegExp) =>
    (error: unknown): boolean =>
      error instanceof ModelError && error.path === 'tiny.gguf' && words.test(error.message)
  for (const [changed, words] of cases) assert.throws(() => sideOf(changed), isRefused(words))
  assert.throws(() => sideOf({}, 8), isRefused(/lists 7 tokens; its embedding has 8 rows/))
})

test.run()
