// @process native
/** The official `openai` client against every HTTP adapter, the micro pair decoding behind it. */
import OpenAI, { APIError } from 'openai'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Engine } from '../../../src/api/types.js'
import { closeEngines, engineFor } from '../../support/engines.js'
import { collect } from '../../support/equality.js'
import { eventually, listen, post, type Listening } from '../../support/http-app.js'
import { mounts } from '../support/mounts.js'
import { upstream } from '../support/upstream.js'

const messages = [{ role: 'user' as const, content: 'Write a function that adds two numbers.' }]
const chat = { model: 'micro', messages, max_tokens: 40, seed: 7 }

for (const mount of mounts) {
  const client = suite(`openai client, ${mount.name}`)
  let engine: Engine
  let behind: Listening
  let listening: Listening
  let openai: OpenAI

  const clientOf = (at: Listening): OpenAI => new OpenAI({ baseURL: `${at.url}/v1`, apiKey: 'none', maxRetries: 0 })

  client.before(async () => {
    engine = await engineFor({ target: 'micro', maxContext: 256, maxBatch: 1, maxQueue: 2 })
    behind = await listen(upstream())
    listening = await mount.open({ engine }, { upstream: behind.url })
    openai = clientOf(listening)
  })
  client.after(async () => {
    await listening.close()
    await behind.close()
    await closeEngines()
  })

  const idle = async (): Promise<void> => {
    await eventually(() => engine.usage().running === 0)
    assert.equal(engine.usage(), { ...engine.usage(), slotsUsed: 0, running: 0, waiting: 0 })
  }

  client('a chat answer is what the engine says for the same seed', async () => {
    const answer = await openai.chat.completions.create(chat)
    const { text, stats } = await collect(engine, { messages, maxTokens: 40, temperature: 1, seed: 7 })
    assert.is(answer.choices[0].message.content, text)
    assert.is(answer.usage?.prompt_tokens, stats.promptTokens)
    assert.is(answer.usage?.completion_tokens, stats.tokens)
    await idle()
  })

  client('a stream brings the same text, with and without speculation', async () => {
    const whole = await openai.chat.completions.create(chat)
    for (const speculating of [{}, { speculation: { off: true } }, { speculation: { draft: 'ngram' } }]) {
      const stream = await openai.chat.completions.create({
        ...chat,
        stream: true,
        stream_options: { include_usage: true },
        ...speculating,
      })
      let text = ''
      let usage: OpenAI.CompletionUsage | null | undefined
      const reasons: unknown[] = []
      for await (const { choices, usage: counted } of stream) {
        text += choices[0]?.delta.content ?? ''
        if (choices[0]?.finish_reason) reasons.push(choices[0].finish_reason)
        usage = counted
      }
      assert.is(text, whole.choices[0].message.content)
      assert.equal(reasons, [whole.choices[0].finish_reason])
      assert.is(usage?.completion_tokens, whole.usage?.completion_tokens)
    }
    await idle()
  })

  client("the client's own stream helper assembles the answer", async () => {
    const final = await openai.chat.completions.stream({ ...chat, temperature: 0 }).finalChatCompletion()
    const { text } = await collect(engine, { messages, maxTokens: 40, temperature: 0 })
    assert.is(final.choices[0].message.content, text)
  })

  client('completions continue a raw prompt', async () => {
    const { choices, usage } = await openai.completions.create({
      model: 'micro',
      prompt: 'const sum = (a, b) =>',
      max_tokens: 12,
      temperature: 0,
    })
    const { text } = await collect(engine, { prompt: 'const sum = (a, b) =>', maxTokens: 12 })
    assert.is(choices[0].text, text)
    assert.ok(usage!.completion_tokens <= 12)
  })

  client('a response is what the engine says, whole and streamed', async () => {
    const ask = {
      model: 'micro',
      instructions: 'Answer with code.',
      input: messages[0].content,
      max_output_tokens: 40,
      temperature: 0,
    }
    const { text } = await collect(engine, {
      messages: [{ role: 'system', content: ask.instructions }, ...messages],
      maxTokens: 40,
    })
    const whole = await openai.responses.create(ask)
    assert.is(whole.output_text, text)
    let streamed = ''
    const stream = openai.responses.stream(ask)
    for await (const event of stream) if (event.type === 'response.output_text.delta') streamed += event.delta
    const final = await stream.finalResponse()
    assert.is(streamed, text)
    assert.equal(
      [final.output_text, final.status, final.usage?.output_tokens],
      [text, whole.status, whole.usage?.output_tokens],
    )
    await idle()
  })

  client('a response takes the turns before it, as they came', async () => {
    const first = await openai.responses.create({
      model: 'micro',
      input: 'const a = 1',
      max_output_tokens: 8,
      temperature: 0,
    })
    const second = await openai.responses.create({
      model: 'micro',
      input: [
        { role: 'user', content: 'const a = 1' },
        ...first.output,
        { role: 'user', content: 'go on' },
      ] as OpenAI.Responses.ResponseInput,
      max_output_tokens: 8,
      temperature: 0,
    })
    const turns = [
      { role: 'user', content: 'const a = 1' },
      { role: 'assistant', content: first.output_text },
      { role: 'user', content: 'go on' },
    ]
    assert.is(second.output_text, (await collect(engine, { messages: turns, maxTokens: 8 })).text)
    await refused(
      () => openai.responses.create({ model: 'micro', input: 'x', previous_response_id: 'resp_1' }),
      OpenAI.BadRequestError,
      'unsupported_parameter',
      'previous_response_id',
    )
  })

  client('a stop text ends the answer and is left out of it', async () => {
    const free = (
      await openai.completions.create({ model: 'micro', prompt: 'const sum =', max_tokens: 30, temperature: 0 })
    ).choices[0].text
    const stop = free.slice(8, 11)
    const { text, finish_reason } = (
      await openai.completions.create({ model: 'micro', prompt: 'const sum =', max_tokens: 30, temperature: 0, stop })
    ).choices[0]
    assert.is(text, free.slice(0, free.indexOf(stop)))
    assert.is(finish_reason, 'stop')
  })

  client('the model is listed', async () => {
    assert.equal(
      (await openai.models.list()).data.map(({ id }) => id),
      ['micro'],
    )
    assert.is((await openai.models.retrieve('micro')).id, 'micro')
  })

  client('leaving a stream frees every slot', async () => {
    const stream = await openai.chat.completions.create({ ...chat, max_tokens: 200, stream: true })
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break
    await idle()
  })

  client('aborting a request, running or waiting, frees every slot', async () => {
    const running = new AbortController()
    const waiting = new AbortController()
    const first = openai.chat.completions
      .create({ ...chat, max_tokens: 200 }, { signal: running.signal })
      .catch((error: Error) => error)
    await eventually(() => engine.usage().running === 1)
    const second = openai.chat.completions.create(chat, { signal: waiting.signal }).catch((error: Error) => error)
    await eventually(() => engine.usage().waiting === 1)
    waiting.abort()
    await eventually(() => engine.usage().waiting === 0)
    running.abort()
    assert.instance(await first, OpenAI.APIUserAbortError)
    assert.instance(await second, OpenAI.APIUserAbortError)
    await idle()
  })

  client('a full queue refuses with 429 at once', async () => {
    const slow = new AbortController()
    const taken = Array.from({ length: 3 }, () =>
      openai.chat.completions.create({ ...chat, max_tokens: 200 }, { signal: slow.signal }).catch(() => null),
    )
    await eventually(() => engine.usage().waiting === 2)
    await refused(() => openai.chat.completions.create(chat), OpenAI.RateLimitError, 'overloaded', null)
    slow.abort()
    await Promise.all(taken)
    await idle()
  })

  client("a model we do not serve goes to the host's own route, body and all", async () => {
    const answer = await openai.chat.completions.create({ ...chat, model: 'gpt-9' }).asResponse()
    assert.is(answer.headers.get('x-upstream'), 'yes')
    assert.equal(await answer.json(), { ...chat, model: 'gpt-9' })
  })

  client('what is wrong with a request is an error that names the field', async () => {
    const ask = (extra: object) => () => openai.chat.completions.create({ ...chat, ...extra })
    await refused(ask({ temprature: 1 }), OpenAI.BadRequestError, 'unknown_parameter', 'temprature')
    await refused(ask({ temperature: 3 }), OpenAI.BadRequestError, 'invalid_value', 'temperature')
    await refused(ask({ modalities: ['audio'] }), OpenAI.BadRequestError, 'unsupported_parameter', 'modalities')
    await refused(
      ask({ speculation: { draft: 'gpt-9' } }),
      OpenAI.BadRequestError,
      'invalid_value',
      'speculation.draft',
    )
    await refused(
      ask({ messages: [{ role: 'user', content: 'long '.repeat(1000) }] }),
      OpenAI.BadRequestError,
      'context_length_exceeded',
      'messages',
    )
    await refused(
      ask({ messages: [{ role: 'user', content: 'long '.repeat(1000) }], stream: true }),
      OpenAI.BadRequestError,
      'context_length_exceeded',
      'messages',
    )
    await refused(
      () => openai.completions.create({ model: 'micro', prompt: [99_999_999] }),
      OpenAI.BadRequestError,
      'invalid_value',
      'prompt',
    )
    await idle()
  })

  client('malformed JSON and oversized bodies are refused in the same shape', async () => {
    const broken = await post(`${listening.url}/v1/chat/completions`, '{"model": "micro", ')
    assert.equal([broken.status, (await broken.json()).error.type], [400, 'invalid_request_error'])
    const bounded = await mount.open({ engine, maxBodyBytes: 1000 })
    await refused(
      () =>
        clientOf(bounded).chat.completions.create({ ...chat, messages: [{ role: 'user', content: 'x'.repeat(5000) }] }),
      APIError,
      'request_too_large',
      null,
    )
    await bounded.close()
  })

  if (mount.parsers)
    client('a body that the host has parsed already works the same', async () => {
      const parsing = await mount.open({ engine }, { parses: true })
      const [parsed, plain] = [
        await clientOf(parsing).chat.completions.create(chat),
        await openai.chat.completions.create(chat),
      ]
      assert.is(parsed.choices[0].message.content, plain.choices[0].message.content)
      await parsing.close()
    })

  client.run()
}

async function refused(
  run: () => Promise<unknown>,
  kind: new (...args: never[]) => APIError,
  code: string,
  param: string | null,
): Promise<void> {
  try {
    await run()
  } catch (error) {
    assert.instance(error, kind)
    assert.equal([(error as APIError).code, (error as APIError).param], [code, param], (error as APIError).message)
    return
  }
  assert.unreachable(`nothing was refused, ${code} was expected`)
}
