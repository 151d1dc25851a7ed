import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  acceptedWithoutEffect,
  refusedInChat,
  refusedInCompletions,
  refusedInResponses,
} from '../../src/serve/request-fields.js'
import { parseChat } from '../../src/serve/chat-request.js'
import { chat, completion, refusal, response } from './support.js'

test('null means left out', () => {
  const { request } = chat({
    temperature: null,
    stop: null,
    n: null,
    tools: null,
    logit_bias: null,
    stream_options: null,
    seed: null,
  })
  assert.is(request.temperature, 1)
  assert.is(request.stop, undefined)
})

test('what clients send by habit is accepted without effect', () => {
  for (const field of acceptedWithoutEffect) assert.equal(chat({ [field]: 'x' }).request, chat().request, field)
  assert.equal(chat({ store: false }).request, chat().request)
})

/** For each refused field, a value that asks for something. */
const asking: Record<string, unknown> = {
  tools: [{ type: 'function' }],
  tool_choice: 'required',
  parallel_tool_calls: 'x',
  functions: [{}],
  function_call: { name: 'f' },
  modalities: ['audio'],
  store: true,
  audio: {},
  prediction: {},
  reasoning_effort: 'high',
  verbosity: 'low',
  web_search_options: {},
  best_of: 2,
  suffix: 'x',
  max_tool_calls: 1,
  previous_response_id: 'resp_1',
  conversation: 'c',
  background: true,
  prompt: { id: 'p' },
  reasoning: { effort: 'high' },
  truncation: 'auto',
  context_management: [{}],
  moderation: {},
}

test('each unsupported option is refused by name', () => {
  for (const [fields, ask] of [
    [refusedInChat, chat],
    [refusedInCompletions, completion],
    [refusedInResponses, response],
  ] as const) {
    for (const field of Object.keys(fields)) {
      const { status, param, code, message } = refusal(() => ask({ [field]: asking[field] }))
      assert.equal({ status, param, code }, { status: 400, param: field, code: 'unsupported_parameter' })
      assert.match(message, field)
    }
  }
})

test('an unsupported option that asks for nothing passes', () => {
  chat({
    n: 1,
    presence_penalty: 0,
    logit_bias: {},
    logprobs: false,
    response_format: { type: 'text' },
    tools: [],
    tool_choice: 'auto',
    modalities: ['text'],
  })
  completion({ best_of: 1, echo: false, suffix: '' })
})

test('an unknown field is an error that names it, wherever it is', () => {
  assert.equal(refusal(() => chat({ temprature: 1 })).param, 'temprature')
  assert.equal(refusal(() => chat({ stream: true, stream_options: { usage: true } })).param, 'stream_options.usage')
  assert.equal(
    refusal(() => chat({ messages: [{ role: 'user', content: 'x', contents: 'y' }] })).param,
    'messages[0].contents',
  )
  assert.equal(refusal(() => chat(JSON.parse('{"__proto__": {"n": 1}}'))).param, '__proto__')
  assert.is(refusal(() => chat(JSON.parse(`{"${'x'.repeat(5000)}": 1}`))).message.length < 200, true)
})

test('values out of range are refused with the range and what was given', () => {
  const cases: [object, string, RegExp][] = [
    [{ temperature: 2.1 }, 'temperature', /at most 2; got 2\.1/],
    [{ temperature: -1 }, 'temperature', /at least 0; got -1/],
    [{ temperature: '1' }, 'temperature', /a number; got "1"/],
    [{ top_p: 0 }, 'top_p', /above 0; got 0/],
    [{ min_p: 1.5 }, 'min_p', /at most 1/],
    [{ top_k: 1.5 }, 'top_k', /whole number; got 1\.5/],
    [{ max_tokens: 0 }, 'max_tokens', /at least 1; got 0/],
    [{ max_tokens: 5, max_completion_tokens: 6 }, 'max_tokens', /disagree/],
    [{ response_format: 'json' }, 'response_format', /must be an object with a type of text/],
    [{ response_format: { type: 'xml' } }, 'response_format.type', /with a type of text/],
    [{ response_format: { type: 'json_schema' } }, 'response_format.json_schema', /an object; got nothing/],
    [{ seed: 2 ** 60 }, 'seed', /at most/],
    [{ stop: '' }, 'stop', /not be empty/],
    [{ stop: [''] }, 'stop[0]', /not be empty/],
    [{ stop: 5 }, 'stop', /a non-empty string or a list/],
    [{ stop: Array.from({ length: 17 }, () => 'x') }, 'stop', /at most 16/],
    [{ stream: 'yes' }, 'stream', /a boolean/],
    [{ stream_options: { include_usage: true } }, 'stream_options', /set stream to true/],
    [{ messages: [] }, 'messages', /not be empty/],
    [{ messages: [{ role: 'critic', content: 'x' }] }, 'messages[0].role', /"system" or/],
    [{ messages: [{ role: 'user' }] }, 'messages[0].content', /a string or a list of text parts; got nothing/],
    [{ messages: 'hi' }, 'messages', /a list; got "hi"/],
    [{ model: 5 }, 'model', /a string; got 5/],
  ]
  for (const [extra, field, words] of cases) {
    const { status, param, message } = refusal(() => chat(extra))
    assert.equal({ status, param }, { status: 400, param: field }, JSON.stringify(extra))
    assert.match(message, words)
  }
})

test('a body that is not an object is refused', () => {
  for (const body of [undefined, 5, 'x', [1]])
    assert.is(refusal(() => parseChat(body, { maxContext: 10, sampling: {}, thinks: false })).status, 400)
})

test.run()
