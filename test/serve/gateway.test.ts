import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Engine } from '../../src/api/types.js'
import { InvalidArgumentError, ModelError, SequoiaError } from '../../src/spec/errors.js'
import type { Chunk } from '../../src/serve/chunks.js'
import { createGateway, type JsonReply, type Reply } from '../../src/serve/gateway.js'
import { scriptedEngine } from '../support/scripted-engine.js'

const body = { model: 'scripted', messages: [{ role: 'user', content: 'hi' }] }
const never = new AbortController().signal

async function texts(reply: Reply): Promise<string[]> {
  assert.ok('events' in reply, JSON.stringify(reply))
  const all: string[] = []
  for await (const event of (reply as { events: AsyncIterable<string> }).events) all.push(event)
  return all
}

function chunksOf(events: readonly string[]): Chunk[] {
  return events.filter((event) => event.startsWith('data: {')).map((event) => JSON.parse(event.slice(6)))
}

async function failing(thrown: Error, at = 0, extra: object = {}): Promise<{ reply: Reply; told: unknown[] }> {
  const told: unknown[] = []
  const gateway = createGateway({
    engine: scriptedEngine({ error: { thrown, at } }),
    onError: (error) => told.push(error),
  })
  return { reply: await gateway.answer('chat', { ...body, ...extra }, never), told }
}

test('a chat stream is role, texts, an empty delta with the reason, and [DONE], under one id', async () => {
  const events = await texts(
    await createGateway({ engine: scriptedEngine() }).answer('chat', { ...body, stream: true }, never),
  )
  const chunks = chunksOf(events)
  assert.equal(
    chunks
      .map((chunk) => chunk.choices[0])
      .map((choice) => ('delta' in choice ? [choice.delta, choice.finish_reason] : [])),
    [
      [{ role: 'assistant', content: '' }, null],
      [{ content: 'Hello' }, null],
      [{ content: ', ' }, null],
      [{ content: 'world' }, null],
      [{}, 'stop'],
    ],
  )
  assert.is(
    new Set(chunks.map(({ id, created, model, object }) => JSON.stringify([id, created, model, object]))).size,
    1,
  )
  assert.not.ok(
    chunks.some((chunk) => 'usage' in chunk),
    'nobody asked for usage',
  )
  assert.is(events.at(-1), 'data: [DONE]\n\n')
  assert.ok(events.every((event) => event.endsWith('\n\n')))
})

test('asked-for usage comes alone in a chunk after the last choice', async () => {
  const request = { ...body, stream: true, stream_options: { include_usage: true } }
  const chunks = chunksOf(await texts(await createGateway({ engine: scriptedEngine() }).answer('chat', request, never)))
  const usage = chunks.at(-1)!
  assert.equal(usage.choices, [])
  assert.equal(usage.usage, {
    prompt_tokens: 7,
    completion_tokens: 3,
    total_tokens: 10,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      accepted_prediction_tokens: 2,
      rejected_prediction_tokens: 3,
    },
  })
  assert.ok(chunks.slice(0, -1).every((chunk) => chunk.usage === null))
})

test('a completion stream carries text and has no role', async () => {
  const events = await texts(
    await createGateway({ engine: scriptedEngine() }).answer(
      'completions',
      { model: 'scripted', prompt: 'hi', stream: true },
      never,
    ),
  )
  assert.equal(
    chunksOf(events).map((chunk) => chunk.choices[0]),
    [
      { index: 0, text: 'Hello', logprobs: null, finish_reason: null },
      { index: 0, text: ', ', logprobs: null, finish_reason: null },
      { index: 0, text: 'world', logprobs: null, finish_reason: null },
      { index: 0, text: '', logprobs: null, finish_reason: 'stop' },
    ],
  )
})

test('a request that does not stream gets one object', async () => {
  const reply = await createGateway({ engine: scriptedEngine({ finish: 'length' }) }).answer('chat', body, never)
  assert.ok(reply.status === 200 && 'body' in reply)
  const { choices, object, model } = (reply as { body: { choices: object[]; object: string; model: string } }).body
  assert.is(object, 'chat.completion')
  assert.is(model, 'scripted')
  assert.equal(choices, [
    {
      index: 0,
      logprobs: null,
      finish_reason: 'length',
      message: { role: 'assistant', content: 'Hello, world', refusal: null },
    },
  ])
})

test('errors before the first token keep their own status, streamed or not', async () => {
  const cases: [Error, number, string, string | null][] = [
    [new InvalidArgumentError('top_k', 'top_k is odd'), 400, 'invalid_value', 'top_k'],
    [new InvalidArgumentError('draft', 'no such draft'), 400, 'invalid_value', 'speculation.draft'],
    [new SequoiaError('context_overflow', 'too long'), 400, 'context_length_exceeded', 'messages'],
    [new SequoiaError('overloaded', 'full'), 429, 'overloaded', null],
    [new SequoiaError('closed', 'bye'), 503, 'closing', null],
  ]
  for (const [thrown, status, code, param] of cases) {
    for (const stream of [false, true]) {
      const { reply, told } = await failing(thrown, 0, { stream })
      assert.is(reply.status, status)
      assert.ok('body' in reply)
      const { error } = (
        reply as unknown as { body: { error: { code: string; param: string | null; message: string } } }
      ).body
      assert.equal([error.code, error.param, error.message], [code, param, thrown.message])
      assert.is(reply.headers['retry-after'], status === 429 || status === 503 ? '1' : undefined)
      assert.is(told.length, 0)
    }
  }
})

test('a failure of ours is a 500 without internals, and the host is told', async () => {
  for (const thrown of [
    new TypeError('x is undefined at /srv/secret.ts'),
    new ModelError('model_invalid', '/srv/secret', 'bad file /srv/secret'),
  ]) {
    const { reply, told } = await failing(thrown)
    assert.is(reply.status, 500)
    assert.not.match(JSON.stringify(reply), /secret/)
    assert.equal(told, [thrown])
  }
})

test('an error after the first token is an event, and no [DONE] follows', async () => {
  const { reply, told } = await failing(new Error('/srv/secret broke'), 2, { stream: true })
  const events = await texts(reply)
  const last = JSON.parse(events.at(-1)!.slice(6))
  assert.is(last.error.type, 'server_error')
  assert.not.match(events.join(''), /secret|\[DONE\]/)
  assert.is(told.length, 1)
})

test('a response stream builds one message up in named, numbered events', async () => {
  const events = await texts(
    await createGateway({ engine: scriptedEngine() }).answer(
      'responses',
      { model: 'scripted', input: 'hi', stream: true },
      never,
    ),
  )
  const parsed = events
    .map((event) => /^event: (.+)\ndata: (.+)\n\n$/.exec(event)!)
    .map(([, name, data]) => ({ name, data: JSON.parse(data) }))
  assert.equal(
    parsed.map(({ name }) => name),
    [
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      ...Array.from({ length: 3 }, () => 'response.output_text.delta'),
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ],
  )
  assert.ok(parsed.every(({ name, data }, i) => data.type === name && data.sequence_number === i))
  const { response } = parsed.at(-1)!.data
  assert.is(response.output[0].content[0].text, 'Hello, world')
  assert.equal(
    [response.status, response.id, response.usage.input_tokens, response.usage.output_tokens],
    ['completed', parsed[0].data.response.id, 7, 3],
  )
})

test('a response that its length ended is incomplete', async () => {
  const reply = await createGateway({ engine: scriptedEngine({ finish: 'length' }) }).answer(
    'responses',
    { model: 'scripted', input: 'hi', metadata: { a: 'b' } },
    never,
  )
  const { body: response } = reply as unknown as {
    body: { status: string; incomplete_details: object; metadata: object }
  }
  assert.equal(
    [response.status, response.incomplete_details, response.metadata],
    ['incomplete', { reason: 'max_output_tokens' }, { a: 'b' }],
  )
})

test('an error in a response stream is an error event', async () => {
  const gateway = createGateway({
    engine: scriptedEngine({ error: { thrown: new Error('/srv/secret broke'), at: 2 } }),
    onError: () => {},
  })
  const events = await texts(await gateway.answer('responses', { model: 'scripted', input: 'hi', stream: true }, never))
  assert.match(events.at(-1)!, /^event: error\ndata: /)
  const last = JSON.parse(events.at(-1)!.split('data: ')[1])
  assert.equal(
    [last.type, last.code, last.error.type, last.sequence_number],
    ['error', 'internal_error', 'server_error', events.length - 1],
  )
  assert.not.match(events.join(''), /secret/)
})

test('what is wrong with a response request goes by its own names', async () => {
  for (const [thrown, param] of [
    [new SequoiaError('context_overflow', 'long'), 'input'],
    [new InvalidArgumentError('responseFormat', 'odd'), 'text.format'],
    [new InvalidArgumentError('maxTokens', 'odd'), 'max_output_tokens'],
  ] as const) {
    const reply = await createGateway({ engine: scriptedEngine({ error: { thrown } }) }).answer(
      'responses',
      { model: 'scripted', input: 'hi' },
      never,
    )
    assert.is((reply as unknown as { body: { error: { param: string } } }).body.error.param, param)
  }
})

test('a silent stream sends comments', async () => {
  let release = (): void => {}
  const gate = new Promise<void>((resolve) => (release = resolve))
  const engine = scriptedEngine({ pace: (part) => (part === 1 ? gate : Promise.resolve()) })
  const reply = await createGateway({ engine, keepAliveMs: 2 }).answer('chat', { ...body, stream: true }, never)
  const seen: string[] = []
  for await (const event of (reply as { events: AsyncIterable<string> }).events) {
    seen.push(event)
    if (event.startsWith(':')) release()
  }
  assert.ok(seen.includes(': keep-alive\n\n'))
  assert.is(seen.at(-1), 'data: [DONE]\n\n')
})

test("leaving a stream early ends the engine's", async () => {
  const engine = scriptedEngine()
  const reply = await createGateway({ engine }).answer('chat', { ...body, stream: true }, never)
  for await (const _ of (reply as { events: AsyncIterable<string> }).events) break
  assert.is(engine.open, 0)
})

test('the model goes by its name and its aliases, and by no other', async () => {
  const gateway = createGateway({ engine: scriptedEngine(), name: 'tree', aliases: ['gpt-4o-mini'] })
  assert.ok(gateway.serves({ model: 'tree' }) && gateway.serves({ model: 'gpt-4o-mini' }))
  assert.not.ok(gateway.serves({ model: 'scripted' }))
  assert.is((await gateway.answer('chat', { ...body, model: 'scripted' }, never)).status, 404)
  assert.is(gateway.model('scripted'), null)
  const { data } = (gateway.listModels() as unknown as { body: { data: { id: string }[] } }).body
  assert.equal(
    data.map(({ id }) => id),
    ['tree', 'gpt-4o-mini'],
  )
})

test("the model's own sampling defaults are shown, and go before OpenAI's", async () => {
  const engine = scriptedEngine()
  Object.assign(engine.info, { sampling: { temperature: 0.6, topP: 0.95, topK: 20 } })
  const gateway = createGateway({ engine })
  const shown = gateway.model('scripted')?.body as { sampling_defaults: object }
  assert.equal(shown.sampling_defaults, { temperature: 0.6, top_p: 0.95, top_k: 20 })
  const answers = {
    chat: body,
    completions: { model: 'scripted', prompt: 'x' },
    responses: { model: 'scripted', input: 'x' },
  }
  for (const [endpoint, asked] of Object.entries(answers)) {
    const reply = await gateway.answer(endpoint as keyof typeof answers, asked, never)
    const { temperature, top_p } = (reply as JsonReply).body as { temperature?: number; top_p?: number }
    if (endpoint === 'responses') assert.equal([temperature, top_p], [0.6, 0.95])
    await gateway.answer(endpoint as keyof typeof answers, { ...asked, temperature: 0 }, never)
  }
  assert.equal(
    engine.requests.map(({ temperature }) => temperature),
    [0.6, 0, 0.6, 0, 0.6, 0],
  )
})

test('what the model thinks is told apart in chat, whole and streamed, and counted', async () => {
  const engine = scriptedEngine({ thoughts: ['I ', 'see'], texts: ['Yes', '.'] })
  engine.info.thinks = true
  const gateway = createGateway({ engine })
  const kwargs = { chat_template_kwargs: { enable_thinking: true } }
  const reply = (await gateway.answer('chat', { ...body, ...kwargs }, never)) as JsonReply
  const { choices, usage } = reply.body as {
    choices: { message: object }[]
    usage: { completion_tokens: number; completion_tokens_details: { reasoning_tokens: number } }
  }
  const message = { role: 'assistant', content: 'Yes.', reasoning_content: 'I see', refusal: null }
  assert.equal(choices[0].message, message)
  assert.equal([usage.completion_tokens, usage.completion_tokens_details.reasoning_tokens], [4, 2])
  assert.equal(engine.requests[0].chatTemplateKwargs, { enable_thinking: true })
  const chunks = chunksOf(await texts(await gateway.answer('chat', { ...body, stream: true }, never)))
  const deltas = chunks.flatMap((chunk) =>
    (chunk as { choices: { delta: object }[] }).choices.map(({ delta }) => delta),
  )
  assert.equal(deltas, [
    { role: 'assistant', content: '' },
    { reasoning_content: 'I ' },
    { reasoning_content: 'see' },
    { content: 'Yes' },
    { content: '.' },
    {},
  ])
  const replayed = { ...body, messages: [...body.messages, message, ...body.messages] }
  await gateway.answer('chat', replayed, never)
  assert.is(engine.requests.at(-1)?.messages?.[1].reasoning, 'I see')
  const refused = (await gateway.answer('chat', { ...body, reasoning_effort: 'none' }, never)) as JsonReply
  assert.is(refused.status, 400)
})

test('a body without a model is ours to refuse', async () => {
  const gateway = createGateway({ engine: scriptedEngine() })
  assert.ok(gateway.serves({ messages: [] }) && gateway.serves('nonsense'))
  const reply = await gateway.answer('chat', { messages: body.messages }, never)
  assert.is((reply as unknown as { body: { error: { param: string } } }).body.error.param, 'model')
})

test('a wrong name is refused at set-up', () => {
  assert.throws(() => createGateway({ engine: scriptedEngine() as Engine, name: '' }), /non-empty/)
})

test.run()
