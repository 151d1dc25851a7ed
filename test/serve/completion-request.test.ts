import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { completion, refusal } from './support.js'

test('completions take a text, a list of one text, or token ids, and answer 16 tokens unless told', () => {
  assert.is(completion().request.maxTokens, 16)
  assert.is(completion({ prompt: ['one'] }).request.prompt, 'one')
  assert.equal(completion({ prompt: [5, 6] }).request.promptTokens, [5, 6])
  assert.is(refusal(() => completion({ prompt: ['one', 'two'] })).param, 'prompt')
  assert.is(refusal(() => completion({ prompt: [] })).param, 'prompt')
})

test('a prompt is echoed, but without log probabilities, which are of the answer alone', () => {
  assert.is(completion({ echo: true }).request.echo, true)
  assert.is(completion({ echo: false, logprobs: 0 }).request.logprobs, 0)
  assert.is(refusal(() => completion({ echo: true, logprobs: 0 })).param, 'echo')
})

test.run()
