import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { refusal, response } from './support.js'

test('a response request is turns, instructions first', () => {
  const input = [
    {
      role: 'user',
      content: [
        { type: 'input_text', text: 'a' },
        { type: 'input_text', text: 'b' },
      ],
    },
    {
      type: 'message',
      id: 'msg_1',
      status: 'completed',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'c', annotations: [], logprobs: [] }],
    },
    { role: 'user', content: 'd' },
  ]
  const { request } = response({ input, instructions: 'be brief', max_output_tokens: 9, top_p: 0.5, top_k: 3, seed: 1 })
  assert.equal(request.messages, [
    { role: 'system', content: 'be brief' },
    { role: 'user', content: 'ab' },
    { role: 'assistant', content: 'c' },
    { role: 'user', content: 'd' },
  ])
  assert.equal([request.maxTokens, request.topP, request.topK, request.seed, request.temperature], [9, 0.5, 3, 1, 1])
  assert.is(response().request.maxTokens, 1000)
  assert.is(
    refusal(() =>
      response({ input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'http://10.0.0.1/' }] }] }),
    ).status,
    400,
  )
  assert.is(refusal(() => response({ max_tokens: 5 })).param, 'max_tokens')
})

test('a response request asks for a form and for log probabilities under its own names', () => {
  const schema = { type: 'object' }
  assert.equal(
    response({ text: { format: { type: 'json_schema', name: 'x', strict: true, schema } } }).request.responseFormat,
    { type: 'json_schema', schema },
  )
  assert.is(response({ include: ['message.output_text.logprobs'] }).request.logprobs, 0)
  assert.is(response({ top_logprobs: 2 }).request.logprobs, 2)
  assert.is(response().request.logprobs, undefined)
})

test('an answer repeats what its request asked for, with the defaults of what it did not', () => {
  const { repeated } = response({ instructions: 'be brief', metadata: { a: 'b' }, top_p: 0.5, stream: true })
  assert.equal(repeated, {
    instructions: 'be brief',
    max_output_tokens: null,
    metadata: { a: 'b' },
    temperature: 1,
    text: { format: { type: 'text' } },
    top_logprobs: 0,
    top_p: 0.5,
  })
  assert.equal(response().repeated!.metadata, {})
  assert.is(refusal(() => response({ stream: true, speculation: { trace: true } })).param, 'speculation.trace')
})

test.run()
