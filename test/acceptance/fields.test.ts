/**
 * Every field that is published as honoured, on every endpoint that takes it, does over HTTP what it says; a field
 * without a case here fails. The refused ones and those without effect are in `test/serve/request-fields.test.ts`.
 * The micro pair decodes.
 */
import express from 'express'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sequoia } from '../../adapters/express/index.js'
import type { Engine, GenerateRequest } from '../../src/api/types.js'
import { chatSchema } from '../../src/serve/chat-request.js'
import { completionSchema } from '../../src/serve/completion-request.js'
import { responseSchema } from '../../src/serve/response-request.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { collect } from '../support/equality.js'
import { listen, post, type Listening } from '../support/http-app.js'

const PROMPT = 'Install with npm. Install with npm. Install with'
const messages = [{ role: 'user', content: PROMPT }]

/** How each endpoint asks the same of the model, and where it puts the text. */
const endpoints = {
  chat: {
    path: 'chat/completions',
    fields: Object.keys(chatSchema.shape),
    asks: { messages, max_tokens: 24 },
    request: { messages },
    text: (body: Answer) => body.choices[0].message.content,
  },
  completions: {
    path: 'completions',
    fields: Object.keys(completionSchema.shape),
    asks: { prompt: PROMPT, max_tokens: 24 },
    request: { prompt: PROMPT },
    text: (body: Answer) => body.choices[0].text,
  },
  responses: {
    path: 'responses',
    fields: Object.keys(responseSchema.shape),
    asks: { input: PROMPT, max_output_tokens: 24 },
    request: { messages },
    text: (body: Answer) => body.output[0].content[0].text,
  },
} as const

type Endpoint = keyof typeof endpoints

/** What of the endpoints' answers is looked at. */
interface Answer {
  choices: {
    message: { content: string; tool_calls?: { function: { name: string; arguments: string } }[] }
    text: string
    finish_reason: string
    logprobs: { content: { top_logprobs: object[] }[]; tokens: string[]; top_logprobs: object[] } | null
  }[]
  output: { content: { text: string; logprobs: { top_logprobs: object[] }[] }[] }[]
  usage: { completion_tokens: number; output_tokens: number }
  metrics?: { speculative_decoding: { num_draft_tokens: number } }
  error?: { code: string }
}

const conformance = suite('honoured fields over HTTP')
let engine: Engine
let listening: Listening
/** What each endpoint's plain answer says. */
const said = {} as Record<Endpoint, { tokens: number[]; text: string }>

conformance.before(async () => {
  engine = await engineFor({ target: 'micro', toolPrompt: 'generic' })
  listening = await listen(express().use('/v1', sequoia({ engine, aliases: ['house-model'] })))
  for (const endpoint of Object.keys(endpoints) as Endpoint[]) said[endpoint] = await collect(engine, plain(endpoint))
})
conformance.after(async () => {
  await listening.close()
  await closeEngines()
})

function plain(endpoint: Endpoint): GenerateRequest {
  return { ...endpoints[endpoint].request, maxTokens: 24, temperature: 0.8, seed: 7, draft: 'none' }
}

async function raw(endpoint: Endpoint, extra: object): Promise<Response> {
  const { path, asks } = endpoints[endpoint]
  return post(`${listening.url}/v1/${path}`, { model: 'micro', ...asks, temperature: 0.8, seed: 7, ...extra })
}

async function ask(endpoint: Endpoint, extra: object = {}): Promise<Answer & { said: string }> {
  const reply = await raw(endpoint, extra)
  const body = (await reply.json()) as Answer
  assert.is(reply.status, 200, JSON.stringify(body))
  return { ...body, said: endpoints[endpoint].text(body) }
}

type Check = (endpoint: Endpoint) => Promise<void>
type Asked<T> = T | ((endpoint: Endpoint) => T)

/** On the wire and in the engine the text is the same, and another than without the field. */
function changes(wire: Asked<object>, fields: Asked<Partial<GenerateRequest>>): Check {
  return async (endpoint) => {
    const asked = <T>(of: Asked<T>): T => (typeof of === 'function' ? (of as (endpoint: Endpoint) => T)(endpoint) : of)
    const { text } = await collect(engine, { ...plain(endpoint), ...asked(fields) })
    assert.is((await ask(endpoint, asked(wire))).said, text)
    assert.is.not(text, said[endpoint].text, 'the field changes nothing here')
  }
}

const tool = {
  type: 'function',
  function: {
    name: 'add',
    parameters: {
      type: 'object',
      properties: { a: { type: 'integer', minimum: 0, maximum: 9 } },
      required: ['a'],
      additionalProperties: false,
    },
  },
}

const called: Check = async (endpoint) => {
  const {
    choices: [{ message, finish_reason }],
  } = await ask(endpoint, {
    tools: [tool],
    tool_choice: { type: 'function', function: { name: 'add' } },
    parallel_tool_calls: false,
    max_tokens: 60,
  })
  assert.equal(
    [finish_reason, message.tool_calls!.length, message.tool_calls![0].function.name],
    ['tool_calls', 1, 'add'],
  )
  assert.equal(Object.keys(JSON.parse(message.tool_calls![0].function.arguments)), ['a'])
  assert.is((await ask(endpoint, { tools: [tool], tool_choice: 'none' })).said, said[endpoint].text)
}

const streamed: Check = async (endpoint) => {
  const reply = await raw(endpoint, {
    stream: true,
    stream_options: endpoint === 'responses' ? { include_obfuscation: false } : { include_usage: true },
  })
  assert.match(reply.headers.get('content-type')!, 'text/event-stream')
  const events = (await reply.text())
    .split('\n\n')
    .filter((event) => event.includes('data: {'))
    .map((event) => JSON.parse(event.slice(event.indexOf('{'))))
  const whole = await ask(endpoint)
  assert.is(
    events
      .map(({ type, delta, choices }) =>
        type
          ? type === 'response.output_text.delta'
            ? delta
            : ''
          : (choices[0]?.text ?? choices[0]?.delta?.content ?? ''),
      )
      .join(''),
    whole.said,
  )
  const { usage } = endpoint === 'responses' ? events.at(-1).response : events.at(-1)
  assert.is(usage.output_tokens ?? usage.completion_tokens, whole.usage.output_tokens ?? whole.usage.completion_tokens)
}

const toldLogprobs: Check = async (endpoint) => {
  const asked = {
    chat: { logprobs: true, top_logprobs: 2 },
    completions: { logprobs: 2 },
    responses: { include: ['message.output_text.logprobs'], top_logprobs: 2 },
  }[endpoint]
  const { choices, output } = await ask(endpoint, asked)
  const tops =
    endpoint === 'responses'
      ? output[0].content[0].logprobs.map((one) => one.top_logprobs)
      : endpoint === 'chat'
        ? choices[0].logprobs!.content.map((one) => one.top_logprobs)
        : choices[0].logprobs!.top_logprobs.map(Object.keys)
  assert.ok(tops.length > 0 && tops.every((top) => top.length === 2))
}

/** `max`: the endpoint's own name for the longest answer. */
const cut = (max: string): Check =>
  changes({ max_tokens: undefined, max_output_tokens: undefined, [max]: 5 }, { maxTokens: 5 })

const form: Check = async (endpoint) => {
  const { said: text } = await ask(
    endpoint,
    endpoint === 'responses'
      ? { text: { format: { type: 'json_schema', name: 'x', schema: tool.function.parameters } } }
      : { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: tool.function.parameters } } },
  )
  assert.match(text, /^\{\s*"a"\s*:\s*\d\s*\}$/)
}

const checks: Readonly<Record<string, Check>> = {
  model: async (endpoint) => assert.is((await ask(endpoint, { model: 'house-model' })).said, said[endpoint].text),
  messages: changes(
    { messages: [{ role: 'system', content: 'Be brief.' }, ...messages] },
    { messages: [{ role: 'system', content: 'Be brief.' }, ...messages] },
  ),
  prompt: changes({ prompt: [80, 81, 82] }, { prompt: undefined, promptTokens: [80, 81, 82] }),
  input: changes({ input: [{ role: 'user', content: 'hi' }] }, { messages: [{ role: 'user', content: 'hi' }] }),
  instructions: changes(
    { instructions: 'Be brief.' },
    { messages: [{ role: 'system', content: 'Be brief.' }, ...messages] },
  ),
  max_tokens: cut('max_tokens'),
  max_completion_tokens: cut('max_completion_tokens'),
  max_output_tokens: cut('max_output_tokens'),
  temperature: changes({ temperature: 1.6 }, { temperature: 1.6 }),
  top_p: changes({ temperature: 1.6, top_p: 0.3 }, { temperature: 1.6, topP: 0.3 }),
  top_k: changes({ temperature: 1.6, top_k: 2 }, { temperature: 1.6, topK: 2 }),
  min_p: changes({ temperature: 1.6, min_p: 0.5 }, { temperature: 1.6, minP: 0.5 }),
  seed: changes({ temperature: 1.6, seed: 8 }, { temperature: 1.6, seed: 8 }),
  presence_penalty: changes({ presence_penalty: 2 }, { presencePenalty: 2 }),
  frequency_penalty: changes({ frequency_penalty: 2 }, { frequencyPenalty: 2 }),
  repetition_penalty: changes({ repetition_penalty: 3 }, { repetitionPenalty: 3 }),
  logit_bias: changes({ logit_bias: { 65: 100 } }, { logitBias: { 65: 100 } }),
  banned_token_ids: changes(
    (of) => ({ banned_token_ids: said[of].tokens.slice(0, 2) }),
    (of) => ({ bannedTokens: said[of].tokens.slice(0, 2) }),
  ),
  allowed_token_ids: changes(
    (of) => ({ allowed_token_ids: said[of].tokens.slice(0, 3) }),
    (of) => ({ allowedTokens: said[of].tokens.slice(0, 3) }),
  ),
  stop_token_ids: changes(
    (of) => ({ stop_token_ids: [said[of].tokens[4]] }),
    (of) => ({ stopTokenIds: [said[of].tokens[4]] }),
  ),
  min_tokens: changes(
    (of) => ({ stop_token_ids: [said[of].tokens[4]], min_tokens: 20 }),
    (of) => ({ stopTokenIds: [said[of].tokens[4]], minTokens: 20 }),
  ),
  ignore_eos: changes((of) => ({ [of === 'responses' ? 'max_output_tokens' : 'max_tokens']: 200, ignore_eos: true }), {
    maxTokens: 200,
    ignoreEos: true,
  }),
  stop: changes({ stop: ['e'] }, { stop: ['e'] }),
  n: async (endpoint) => assert.equal((await ask(endpoint, { n: 3 })).choices.length, 3),
  response_format: form,
  text: form,
  logprobs: toldLogprobs,
  top_logprobs: toldLogprobs,
  include: toldLogprobs,
  echo: async (endpoint) => assert.is((await ask(endpoint, { echo: true })).said, PROMPT + said[endpoint].text),
  tools: called,
  tool_choice: called,
  parallel_tool_calls: called,
  include_metrics: async (endpoint) =>
    assert.ok(
      (await ask(endpoint, { include_metrics: true, speculation: { tree: [-1, 0, 0] } })).metrics!.speculative_decoding
        .num_draft_tokens > 0,
    ),
  timeout_ms: async (endpoint) => {
    const late = await raw(endpoint, { timeout_ms: 1 })
    assert.equal([late.status, ((await late.json()) as Answer).error!.code], [504, 'timeout'])
  },
  stream: streamed,
  stream_options: streamed,
  speculation: async (endpoint) => {
    for (const [speculation, drafts] of [
      [{ off: true }, false],
      [{ maxNodes: 1 }, false],
      [{ draft: 'ngram', tree: [-1, 0, 1] }, true],
    ] as const) {
      const answer = await ask(endpoint, { speculation, include_metrics: true })
      assert.equal(
        [answer.said, answer.metrics!.speculative_decoding.num_draft_tokens > 0],
        [said[endpoint].text, drafts],
        JSON.stringify(speculation),
      )
    }
  },
}

for (const [endpoint, { fields }] of Object.entries(endpoints) as [Endpoint, (typeof endpoints)[Endpoint]][]) {
  /** Fields that only mean something together have one check. */
  const together = new Map<Check, string[]>()
  for (const field of fields) {
    if (checks[field]) together.set(checks[field], [...(together.get(checks[field]) ?? []), field])
    else conformance(`${endpoint}: ${field}`, () => assert.unreachable(`${field} has no case; add one`))
  }
  for (const [check, names] of together) conformance(`${endpoint}: ${names.join(', ')}`, () => check(endpoint))
}

conformance('no case is for a field that is gone', () => {
  const all = new Set(Object.values(endpoints).flatMap(({ fields }) => fields))
  assert.equal(
    Object.keys(checks).filter((field) => !all.has(field)),
    [],
  )
})

conformance.run()
