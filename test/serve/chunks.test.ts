import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { GenerateStats } from '../../src/api/types.js'
import { chunk, closingChunk, usageOf, whole, type ChatChunk } from '../../src/serve/chunks.js'
import { chat, completion } from './support.js'

/** Of one choice; fields that usage does not read are left out. */
function statsOf(given: Partial<GenerateStats>): GenerateStats {
  return {
    promptTokens: 7,
    cachedTokens: 4,
    tokens: 3,
    reasoningTokens: 0,
    drafted: 5,
    accepted: 2,
    ...given,
  } as GenerateStats
}

const asked = { stream: true, stream_options: { include_usage: true } }

test('a chat chunk holds what its piece says and no more', () => {
  const delta = (piece: object): object => (chunk(chat(), { index: 0, ...piece }) as ChatChunk).choices[0].delta
  assert.equal(delta({ finish: 'stop' }), {})
  assert.equal(delta({ role: 'assistant', text: '' }), { role: 'assistant', content: '' })
  assert.equal(delta({ text: 'a' }), { content: 'a' })
})

test("a call's first piece has an id, a type and the name; later ones the arguments alone", () => {
  const toolCalls = [
    { index: 0, name: 'f', arguments: '{' },
    { index: 0, arguments: '}' },
  ]
  const { delta } = (chunk(chat(), { index: 0, toolCalls }) as ChatChunk).choices[0]
  const [first, later] = delta.tool_calls!
  assert.match(first.id!, /^call_[0-9a-f]{24}$/)
  assert.equal({ ...first, id: '' }, { index: 0, id: '', type: 'function', function: { name: 'f', arguments: '{' } })
  assert.equal(later, { index: 0, function: { arguments: '}' } })
})

test('usage is null in every chunk but the closing one, where it was asked for', () => {
  assert.not.ok('usage' in chunk(chat(), { index: 0, text: 'a' }))
  assert.is(chunk(chat(asked), { index: 0, text: 'a' }).usage, null)
  const closing = closingChunk(chat(asked), [statsOf({})])
  assert.equal([closing.choices, closing.usage!.total_tokens], [[], 10])
})

test("the endpoint's objects have its names", () => {
  const stats = [statsOf({})]
  const choice = { text: 'a', reasoning: '', calls: [], finish: 'stop', logprobs: null } as const
  const objects = [chat(), completion()].map((call) =>
    [chunk(call, { index: 0 }), closingChunk(call, stats), whole(call, [choice], stats)].map(
      (one) => (one as { object: string }).object,
    ),
  )
  assert.equal(objects, [
    ['chat.completion.chunk', 'chat.completion.chunk', 'chat.completion'],
    ['text_completion', 'text_completion', 'text_completion'],
  ])
})

test('an answer of calls alone has no content, and one that was aborted was cut short', () => {
  const calls = [{ name: 'f', arguments: '{}' }]
  const { choices } = whole(
    chat(),
    [
      { text: '', reasoning: '', calls, finish: 'tool_calls', logprobs: null },
      { text: '', reasoning: '', calls: [], finish: 'abort', logprobs: null },
    ],
    [statsOf({}), statsOf({})],
  ) as { choices: { message: { content: string | null; tool_calls?: object[] }; finish_reason: string }[] }
  assert.equal(
    choices.map(({ message, finish_reason }) => [message.content, message.tool_calls?.length, finish_reason]),
    [
      [null, 1, 'tool_calls'],
      ['', undefined, 'length'],
    ],
  )
})

test('usage adds up the choices, whose prompt is one and was found as often as by the least lucky', () => {
  assert.equal(usageOf([statsOf({}), statsOf({ cachedTokens: 6, tokens: 1, drafted: 1, accepted: 0 })]), {
    prompt_tokens: 7,
    completion_tokens: 4,
    total_tokens: 11,
    prompt_tokens_details: { cached_tokens: 4 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      accepted_prediction_tokens: 2,
      rejected_prediction_tokens: 4,
    },
  })
})

test.run()
