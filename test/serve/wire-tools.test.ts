// @process own
/** Tools through the official client and Express: a whole round of calls, streams, refusals. The micro pair decodes. */
import express from 'express'
import OpenAI, { APIError } from 'openai'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sequoia } from '../../adapters/express/index.js'
import type { Engine } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { listen, type Listening } from '../support/http-app.js'

const tools: OpenAI.ChatCompletionFunctionTool[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'Weather of a city',
      strict: true,
      parameters: {
        type: 'object',
        properties: { city: { type: 'string', maxLength: 12 }, days: { type: 'integer', minimum: 1, maximum: 7 } },
        required: ['city', 'days'],
        additionalProperties: false,
      },
    },
  },
  { type: 'function', function: { name: 'now' } },
]
const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'What is the weather in Oslo?' }]
const ask = { model: 'micro', messages, tools, temperature: 0, max_tokens: 100 }
const required = { ...ask, tool_choice: 'required' as const, parallel_tool_calls: false }

const overHttp = suite('tools over HTTP')
let engine: Engine
let app: Listening
let openai: OpenAI

overHttp.before(async () => {
  engine = await engineFor({ target: 'micro', toolPrompt: 'generic' })
  app = await listen(
    express()
      .use('/v1', sequoia({ engine }))
      .use('/plain', sequoia({ engine: await engineFor({ target: 'micro' }) })),
  )
  openai = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: 'none', maxRetries: 0 })
})
overHttp.after(async () => {
  await app.close()
  await closeEngines()
})

overHttp('a round of calls: the model calls, the result goes back, the model answers', async () => {
  const first = await openai.chat.completions.create({
    ...required,
    tool_choice: { type: 'function', function: { name: 'get_weather' } },
  })
  const { message, finish_reason } = first.choices[0]
  assert.equal([finish_reason, message.content, message.tool_calls?.length], ['tool_calls', null, 1])
  const [call] = message.tool_calls as OpenAI.ChatCompletionMessageFunctionToolCall[]
  assert.match(call.id, /^call_\w{24}$/)
  assert.equal(
    [call.type, call.function.name, Object.keys(JSON.parse(call.function.arguments) as object)],
    ['function', 'get_weather', ['city', 'days']],
  )
  const second = await openai.chat.completions.create({
    ...ask,
    max_tokens: 20,
    messages: [...messages, message, { role: 'tool', tool_call_id: call.id, content: 'rain' }],
  })
  assert.ok(second.choices[0].message.content)
  assert.ok(
    second.usage!.prompt_tokens_details!.cached_tokens! > first.usage!.prompt_tokens - 16,
    'what the model wrote itself is not computed anew',
  )
})

overHttp('a stream brings a call in pieces: id, type and name once, then arguments', async () => {
  const whole = (await openai.chat.completions.create(required)).choices[0].message
    .tool_calls as OpenAI.ChatCompletionMessageFunctionToolCall[]
  const pieces: OpenAI.ChatCompletionChunk.Choice.Delta.ToolCall[] = []
  const reasons: unknown[] = []
  // A token a step: a tree may bring the call at once.
  const plainly = {
    ...required,
    stream: true,
    speculation: { off: true },
  } as OpenAI.ChatCompletionCreateParamsStreaming
  for await (const {
    choices: [{ delta, finish_reason }],
  } of await openai.chat.completions.create(plainly)) {
    pieces.push(...(delta.tool_calls ?? []))
    if (finish_reason) reasons.push(finish_reason)
    assert.not.ok(delta.content, 'a call is no text')
  }
  assert.ok(pieces.length > 2, 'arguments come in pieces')
  assert.equal(
    pieces.map(({ index, type, function: of }) => [index, type, of?.name]),
    pieces.map((_, i) => (i === 0 ? [0, 'function', whole[0].function.name] : [0, undefined, undefined])),
  )
  assert.equal(pieces.filter(({ id }) => id).length, 1)
  assert.is(pieces.map((piece) => piece.function?.arguments).join(''), whole[0].function.arguments)
  assert.equal(reasons, ['tool_calls'])
  const helped = await openai.chat.completions.stream(required).finalChatCompletion()
  assert.equal(
    helped.choices[0].message.tool_calls?.map((one) => one.type === 'function' && one.function.arguments),
    [whole[0].function.arguments],
  )
})

overHttp('the client runs functions itself, and the answer follows', async () => {
  const asked: unknown[] = []
  const { name, parameters } = tools[0].function
  const runner = openai.chat.completions.runTools(
    {
      ...required,
      tool_choice: { type: 'function', function: { name } },
      tools: [
        {
          type: 'function',
          function: {
            name,
            description: 'Weather',
            parameters: parameters!,
            parse: (text) => JSON.parse(text) as object,
            function: (args: object) => String(asked.push(args)),
          },
        },
      ],
    },
    { maxChatCompletions: 1 },
  )
  await runner.done()
  assert.equal(Object.keys(asked[0] as object), ['city', 'days'])
})

overHttp('each choice has calls of its own', async () => {
  const { choices } = await openai.chat.completions.create({ ...required, n: 2, temperature: 1, seed: 3 })
  assert.equal(
    choices.map(({ message, finish_reason }) => [message.tool_calls?.length, finish_reason]),
    [
      [1, 'tool_calls'],
      [1, 'tool_calls'],
    ],
  )
  assert.not.equal(...(choices.map(({ message }) => message.tool_calls![0].id) as [string, string]))
})

overHttp('tools that a request may not use leave its answer as it is', async () => {
  const { tools: _, ...without } = { ...ask, max_tokens: 12 }
  const plain = (await openai.chat.completions.create(without)).choices[0].message.content
  for (const nothing of [
    { tools: [] },
    { tool_choice: 'none' as const },
    { tools, tool_choice: 'none' as const },
    { parallel_tool_calls: true },
  ]) {
    assert.is((await openai.chat.completions.create({ ...without, ...nothing })).choices[0].message.content, plain)
  }
})

overHttp('what is wrong with tools is an error that names the place', async () => {
  const bad = (parameters: object): object => ({ tools: [{ type: 'function', function: { name: 'f', parameters } }] })
  const history = (...turns: object[]): object => ({ messages: [...messages, ...turns] })
  const call = { id: 'c1', type: 'function', function: { name: 'now', arguments: '{}' } }
  const cases: [object, string][] = [
    [bad({ type: 'string' }), 'tools[0].function.parameters'],
    [bad({ type: 'object', properties: { a: { type: 'integer', multipleOf: 2 } } }), 'tools[0].function.parameters'],
    [{ tools: [{ type: 'function', function: { name: 'two words' } }] }, 'tools[0].function.name'],
    [{ tools: [tools[1], tools[1]] }, 'tools[1].function.name'],
    [{ tools: [{ type: 'custom', custom: { name: 'x' } }] }, 'tools[0].type'],
    [{ tools: [{ type: 'function', function: { name: 'f', paramters: {} } }] }, 'tools[0].function.paramters'],
    [{ tool_choice: 'any' }, 'tool_choice'],
    [{ tool_choice: { type: 'function', function: { name: 'other' } } }, 'tool_choice'],
    [{ tools: undefined, tool_choice: 'required' }, 'tool_choice'],
    [{ response_format: { type: 'json_object' } }, 'response_format'],
    [{ functions: [{ name: 'f' }] }, 'functions'],
    [history({ role: 'tool', tool_call_id: 'c1', content: 'x' }), 'messages[1].tool_call_id'],
    [
      history({ role: 'assistant', tool_calls: [{ ...call, function: { name: 'now', arguments: '[' } }] }),
      'messages[1].tool_calls[0].function.arguments',
    ],
    [history({ role: 'assistant', tool_calls: [] }), 'messages[1].content'],
    [history({ role: 'assistant' }), 'messages[1].content'],
    [history({ role: 'function', name: 'f', content: 'x' }), 'messages[1].role'],
    [history({ role: 'user', content: 'x', tool_calls: [call] }), 'messages[1].tool_calls'],
  ]
  for (const [extra, param] of cases) await refused(openai, extra, param)
  assert.equal([engine.usage().slotsUsed, engine.usage().running], [0, 0])
})

overHttp('a template that does not know tools is said so, unless the operator chose a prompt for it', async () => {
  const plain = new OpenAI({ baseURL: `${app.url}/plain`, apiKey: 'none', maxRetries: 0 })
  await refused(plain, {}, 'tools')
  await refused(plain, { stream: true }, 'tools')
  const call = { id: 'c1', type: 'function', function: { name: 'now', arguments: '{}' } }
  await refused(
    plain,
    { tools: undefined, messages: [...messages, { role: 'assistant', tool_calls: [call] }] },
    'messages[1].tool_calls',
  )
})

async function refused(client: OpenAI, extra: object, param: string): Promise<void> {
  const error = await client.chat.completions.create({ ...ask, ...extra }).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  assert.instance(error, APIError, `${JSON.stringify(extra)} was not refused`)
  assert.equal([(error as APIError).status, (error as APIError).param], [400, param], (error as APIError).message)
}

overHttp.run()
