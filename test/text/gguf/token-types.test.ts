import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Metadata } from '../../../src/checkpoint/gguf/metadata.js'
import { ModelError } from '../../../src/spec/errors.js'
import { CONTROL, NORMAL, tokenTypes, USER_DEFINED } from '../../../src/text/gguf/token-types.js'

const types = (tokens: string[], values: Record<string, unknown> = {}): number[] =>
  tokenTypes(new Metadata('model.gguf', values), tokens)

test('types that the file states are taken as they are', () => {
  assert.equal(types(['<|x|>', 'a'], { 'tokenizer.ggml.token_type': [NORMAL, USER_DEFINED] }), [NORMAL, USER_DEFINED])
})

test('without types, tokens spelled like control tokens are such', () => {
  const control = ['<|endoftext|>', '<|im_start|>', '<|start_header_id|>', '<｜begin▁of▁sentence｜>', '<s>', '</s>']
  control.push('<unk>', '<pad>', '<bos>', '<start_of_turn>', '<end_of_turn>', '<unused12>', '<fim_prefix>')
  control.push('[INST]', '[/INST]', '[TOOL_CALLS]', '<|eot_id|>', '<file_sep>')
  const text = [
    'a',
    '<',
    '<|',
    '|>',
    '<a>',
    '</div>',
    '<br>',
    '[1]',
    '[a]',
    '<| a |>',
    '<|a',
    '[INSTALL]',
    '<unusual>x',
  ]
  assert.equal(types([...control, ...text]), [...control.map(() => CONTROL), ...text.map(() => NORMAL)])
})

test('without types, tokens with a role control, and byte tokens are bytes', () => {
  const values = { 'tokenizer.ggml.eos_token_id': 1, 'tokenizer.ggml.bos_token_id': 0 }
  assert.equal(types(['begin', 'end', '<0x0A>', 'a'], values), [CONTROL, CONTROL, 6, NORMAL])
})

test('a vocabulary in which nothing can be told to control, or types of another number, are refused', () => {
  for (const [tokens, values, words] of [
    [['a', 'b'], {}, 'has no tokenizer.ggml.token_type and no token that is known to control'],
    [['a', 'b'], { 'tokenizer.ggml.token_type': [1] }, 'lists 2 tokens but 1 token types'],
  ] as const)
    assert.throws(
      () => types([...tokens], values),
      (error: unknown) => error instanceof ModelError && error.message.includes(words),
    )
})

test.run()
