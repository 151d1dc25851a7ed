import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { chat, refusal } from './support.js'

test("a plain chat request gets OpenAI's defaults: temperature 1, an answer as long as the context allows", () => {
  const { request, stream, includeUsage } = chat()
  assert.is(request.temperature, 1)
  assert.is(request.maxTokens, 1000)
  assert.equal(request.messages, [{ role: 'user', content: 'hi' }])
  assert.not.ok(stream || includeUsage)
})

test('every honoured chat field reaches the engine', () => {
  const { request } = chat({
    max_completion_tokens: 5,
    temperature: 0.5,
    top_p: 0.9,
    top_k: 4,
    min_p: 0.1,
    seed: 3,
    stop: 'END',
    speculation: { draft: 'ngram' },
  })
  const { maxTokens, temperature, topP, topK, minP, seed, stop, draft } = request
  assert.equal(
    { maxTokens, temperature, topP, topK, minP, seed, stop, draft },
    {
      maxTokens: 5,
      temperature: 0.5,
      topP: 0.9,
      topK: 4,
      minP: 0.1,
      seed: 3,
      stop: ['END'],
      draft: 'ngram',
    },
  )
})

test("tools, the choice among them and calls in the conversation are the engine's", () => {
  const { request } = chat({
    tools: [
      { type: 'function', function: { name: 'f', description: null, parameters: { type: 'object' }, strict: true } },
    ],
    tool_choice: { type: 'function', function: { name: 'f' } },
    parallel_tool_calls: false,
    messages: [
      { role: 'user', content: 'x' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' }, index: 0 }],
      },
      { role: 'tool', tool_call_id: 'c', content: [{ type: 'text', text: 'y' }] },
    ],
  })
  assert.equal(request.tools, [{ name: 'f', description: undefined, parameters: { type: 'object' } }])
  assert.equal([request.toolChoice, request.parallelToolCalls], [{ name: 'f' }, false])
  assert.equal(request.messages, [
    { role: 'user', content: 'x' },
    { role: 'assistant', content: '', toolCalls: [{ id: 'c', name: 'f', arguments: '{}' }] },
    { role: 'tool', content: 'y', toolCallId: 'c' },
  ])
})

test('either name of the length is taken, and both where they agree', () => {
  for (const [fields, maxTokens] of [
    [{ max_tokens: 5 }, 5],
    [{ max_completion_tokens: 6 }, 6],
    [{ max_tokens: 7, max_completion_tokens: 7 }, 7],
  ] as const)
    assert.is(chat(fields).request.maxTokens, maxTokens)
  assert.is(refusal(() => chat({ max_tokens: 5, max_completion_tokens: 6 })).param, 'max_tokens')
})

test('log probabilities are of the chosen token alone unless others are asked for, which need the first', () => {
  assert.is(chat({ logprobs: true, top_logprobs: 4 }).request.logprobs, 4)
  assert.is(chat({ logprobs: true }).request.logprobs, 0)
  assert.is(chat({ logprobs: false, top_logprobs: 0 }).request.logprobs, undefined)
  assert.is(refusal(() => chat({ top_logprobs: 1 })).param, 'top_logprobs')
})

test.run()
