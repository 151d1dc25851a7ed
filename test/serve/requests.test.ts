import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ApiError } from '../../src/serve/api-error.js'
import { parseChat } from '../../src/serve/chat-request.js'
import { parseCompletion } from '../../src/serve/completion-request.js'
import {
  acceptedWithoutEffect,
  refusedInChat,
  refusedInCompletions,
  refusedInResponses,
} from '../../src/serve/fields.js'
import { parseResponse } from '../../src/serve/response-request.js'

const chat = (extra: object = {}) =>
  parseChat({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...extra }, 1000)
const response = (extra: object = {}) => parseResponse({ model: 'm', input: 'hi', ...extra }, 1000)
const completion = (extra: object = {}) => parseCompletion({ model: 'm', prompt: 'hi', ...extra })

function refusal(run: () => unknown): { status: number; param: string | null; code: string | null; message: string } {
  try {
    run()
  } catch (error) {
    if (error instanceof ApiError)
      return { status: error.status, param: error.param, code: error.code, message: error.message }
    throw error
  }
  throw new Error('nothing was refused')
}

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

test('sampling fields reach the engine under its names', () => {
  const { request, n } = completion({
    n: 2,
    presence_penalty: 0.5,
    frequency_penalty: -1,
    repetition_penalty: 1.1,
    logit_bias: { 50: 1 },
    banned_token_ids: [1],
    allowed_token_ids: [2, 3],
    stop_token_ids: [4],
    min_tokens: 2,
    ignore_eos: true,
    logprobs: 3,
  })
  assert.is(n, 2)
  const {
    presencePenalty,
    frequencyPenalty,
    repetitionPenalty,
    logitBias,
    bannedTokens,
    allowedTokens,
    stopTokenIds,
    minTokens,
    ignoreEos,
    logprobs,
  } = request
  assert.equal(
    {
      presencePenalty,
      frequencyPenalty,
      repetitionPenalty,
      logitBias,
      bannedTokens,
      allowedTokens,
      stopTokenIds,
      minTokens,
      ignoreEos,
      logprobs,
    },
    {
      presencePenalty: 0.5,
      frequencyPenalty: -1,
      repetitionPenalty: 1.1,
      logitBias: { 50: 1 },
      bannedTokens: [1],
      allowedTokens: [2, 3],
      stopTokenIds: [4],
      minTokens: 2,
      ignoreEos: true,
      logprobs: 3,
    },
  )
  const schema = { type: 'object' }
  assert.equal(
    chat({ response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } } }).request
      .responseFormat,
    { type: 'json_schema', schema },
  )
  assert.equal(chat({ response_format: { type: 'regex', pattern: 'a' } }).request.responseFormat, {
    type: 'regex',
    pattern: 'a',
  })
  assert.is(completion({ echo: true }).request.echo, true)
  assert.is(chat({ logprobs: true, top_logprobs: 4 }).request.logprobs, 4)
  assert.is(chat({ logprobs: true }).request.logprobs, 0)
  assert.is(chat({ logprobs: false, top_logprobs: 0 }).request.logprobs, undefined)
})

test('speculation can be turned off for one request', () => {
  assert.is(chat({ speculation: { off: true } }).request.draft, 'none')
  assert.is(chat({ speculation: { off: false } }).request.draft, undefined)
  assert.is(refusal(() => chat({ speculation: { off: true, draft: 'ngram' } })).param, 'speculation')
})

test('a request bounds its trees', () => {
  assert.is(chat({ speculation: { maxNodes: 8 } }).request.maxNodes, 8)
  assert.is(refusal(() => chat({ speculation: { maxNodes: 0 } })).param, 'speculation.maxNodes')
  assert.is(refusal(() => chat({ speculation: { maxNodes: 4, tree: [-1, 0] } })).param, 'speculation')
  assert.is(refusal(() => chat({ speculation: { maxNodes: 4, off: true } })).param, 'speculation')
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

test('text parts become one text and developers speak as the system', () => {
  const content = [
    { type: 'text', text: 'a' },
    { type: 'text', text: 'b' },
  ]
  const { request } = parseChat(
    {
      model: 'm',
      messages: [
        { role: 'developer', content },
        { role: 'user', content: 'c' },
      ],
    },
    10,
  )
  assert.equal(request.messages, [
    { role: 'system', content: 'ab' },
    { role: 'user', content: 'c' },
  ])
})

test('an answer sent back as the API gave it is taken as a turn', () => {
  const { request } = chat({
    messages: [
      { role: 'assistant', content: 'before', refusal: null, annotations: [], audio: null },
      { role: 'user', content: 'on' },
    ],
  })
  assert.is(request.messages?.length, 2)
})

test('images are refused by the name of the part', () => {
  const { status, param } = refusal(() =>
    chat({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'see' },
            { type: 'image_url', image_url: { url: 'x' } },
          ],
        },
      ],
    }),
  )
  assert.is(status, 400)
  assert.is(param, 'messages[0].content[1].type')
})

test('completions take a text, a list of one text, or token ids, and answer 16 tokens unless told', () => {
  assert.is(completion().request.maxTokens, 16)
  assert.is(completion({ prompt: ['one'] }).request.prompt, 'one')
  assert.equal(completion({ prompt: [5, 6] }).request.promptTokens, [5, 6])
  assert.is(refusal(() => completion({ prompt: ['one', 'two'] })).param, 'prompt')
  assert.is(refusal(() => completion({ prompt: [] })).param, 'prompt')
})

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
  for (const body of [undefined, 5, 'x', [1]]) assert.is(refusal(() => parseChat(body, 10)).status, 400)
})

test.run()
