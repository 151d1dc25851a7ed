/** The tokens of a prompt: given, encoded, or refused by field. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { encodePrompt } from '../../src/engine/prompt-tokens.js'
import { Desk, errorOf } from '../support/desk.js'

const { text, info } = new Desk().parts

test('tokens that are given are taken as a copy', () => {
  const promptTokens = [2, 1]
  const tokens = encodePrompt(text, info, { promptTokens })
  tokens.push(0)
  assert.equal(promptTokens, [2, 1])
})

test('tokens outside the vocabulary, and none at all, are refused', async () => {
  for (const promptTokens of [[0, 3], [-1], [0.5], []]) {
    const error = await errorOf(() => encodePrompt(text, info, { promptTokens }))
    assert.is(error.param, 'promptTokens')
    assert.match(error.message, /token ids from 0 to 2/)
  }
})

test('a raw prompt is encoded behind the token that texts begin with, where the model has one', async () => {
  assert.equal(encodePrompt(text, info, { prompt: 'cab' }), [2, 0, 1])
  assert.equal(encodePrompt({ ...text, bosToken: 1 }, info, { prompt: 'a' }), [1, 0])
  assert.equal(encodePrompt({ ...text, bosToken: 1 }, info, { prompt: '' }), [1])
  assert.is((await errorOf(() => encodePrompt(text, info, { prompt: '' }))).param, 'prompt')
})

test('messages need a chat template; a prompt that cannot fit is refused before it is encoded', async () => {
  const error = await errorOf(() => encodePrompt(text, info, { messages: [{ role: 'user', content: 'a' }] }))
  assert.is(error.param, 'messages')
  const tooLong = await errorOf(() => encodePrompt(text, info, { prompt: 'a'.repeat(9) }, null, 4))
  assert.is(tooLong.code, 'context_overflow')
})

test.run()
