// @process own
/**
 * The official JavaScript clients as they come, against the standalone server and a mount in an Express app that has
 * routes of its own: chat, stream, tools, JSON schema, abort, errors. Python's client:
 * `test/acceptance/python-openai.test.ts`.
 */
import { createOpenAI } from '@ai-sdk/openai'
import { ChatOpenAI } from '@langchain/openai'
import { generateObject, generateText, stepCountIs, streamText, tool } from 'ai'
import express from 'express'
import OpenAI from 'openai'
import { zodResponseFormat, zodFunction } from 'openai/helpers/zod'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as z from 'zod'
import { sequoia } from '../../adapters/express/index.js'
import type { Engine } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { collect } from '../support/equality.js'
import { listen } from '../support/http-app.js'
import { scriptedEngine } from '../support/scripted-engine.js'
import { expressApp, standalone, type Served } from '../support/served.js'

const question = 'Write a function that adds two numbers.'
const messages = [{ role: 'user' as const, content: question }]
const answer = z.object({ colour: z.enum(['red', 'green', 'blue']), sure: z.boolean() })
const place = z.object({ city: z.string().max(12), days: z.int().min(1).max(7) })

/** A field that vLLM and DeepSeek's API have, and the client's types have not. */
interface Thinking {
  reasoning_content?: string
}

for (const open of [standalone, async () => expressApp(await micro())]) {
  const clients = suite(open === standalone ? 'clients of the standalone server' : 'clients of an Express app')
  let served: Served
  let engine: Engine
  let said: string

  clients.before(async () => {
    engine = await micro()
    served = await open()
    said = (await collect(engine, { messages, maxTokens: 30 })).text
  })
  clients.after(async () => {
    await served.close()
    await closeEngines()
  })

  const openai = (): OpenAI => new OpenAI({ baseURL: served.url, apiKey: 'none', maxRetries: 0 })
  const ai = () => createOpenAI({ baseURL: served.url, apiKey: 'none' })
  const langchain = (fields: object = {}): ChatOpenAI =>
    new ChatOpenAI({
      model: 'micro',
      temperature: 0,
      maxTokens: 30,
      apiKey: 'none',
      maxRetries: 0,
      configuration: { baseURL: served.url },
      ...fields,
    })

  /** Nothing is left running: the standalone server says so itself. */
  async function idle(): Promise<void> {
    const usage = async (): Promise<{ running: number; slotsUsed: number }> =>
      served.name === 'standalone' ? (await fetch(served.url.replace('/v1', '/healthz'))).json() : engine.usage()
    const end = Date.now() + 5000
    while ((await usage()).running > 0 && Date.now() < end) await new Promise(setImmediate)
    const { running, slotsUsed } = await usage()
    assert.equal([running, slotsUsed], [0, 0])
  }

  clients('openai: chat, stream and the details of usage', async () => {
    const ask = { model: 'micro', messages, temperature: 0, max_tokens: 30 }
    const whole = await openai().chat.completions.create(ask)
    assert.is(whole.choices[0].message.content, said)
    const final = await openai()
      .chat.completions.stream({ ...ask, stream_options: { include_usage: true } })
      .finalChatCompletion()
    assert.is(final.choices[0].message.content, said)
    for (const { usage } of [whole, final]) {
      assert.ok(usage!.prompt_tokens_details!.cached_tokens! >= 0)
      assert.ok(usage!.completion_tokens_details!.accepted_prediction_tokens! <= usage!.completion_tokens)
    }
  })

  clients('openai: tools and schemas by its zod helpers', async () => {
    const ask = { model: 'micro', messages, temperature: 0, max_tokens: 100 }
    const { message, finish_reason } = (
      await openai().chat.completions.parse({
        ...ask,
        tools: [zodFunction({ name: 'weather', parameters: place })],
        tool_choice: 'required',
        parallel_tool_calls: false,
      })
    ).choices[0]
    assert.equal([finish_reason, message.tool_calls?.length], ['tool_calls', 1])
    assert.equal(
      place.parse(message.tool_calls![0].function.parsed_arguments),
      message.tool_calls![0].function.parsed_arguments,
    )
    const shaped = await openai().chat.completions.parse({
      ...ask,
      response_format: zodResponseFormat(answer, 'answer'),
    })
    assert.equal(answer.parse(shaped.choices[0].message.parsed), shaped.choices[0].message.parsed)
  })

  clients('openai: leaving a stream, and errors', async () => {
    const stream = await openai().chat.completions.create({ model: 'micro', messages, max_tokens: 500, stream: true })
    for await (const { choices } of stream) if (choices[0]?.delta.content) break
    await idle()
    const wrong = await openai()
      .chat.completions.create({ model: 'micro', messages, temperature: 9 })
      .catch((error: unknown) => error)
    assert.instance(wrong, OpenAI.BadRequestError)
    const unknown = await openai()
      .chat.completions.create({ model: 'gpt-9', messages })
      .catch((error: unknown) => error)
    assert.instance(unknown, OpenAI.NotFoundError)
    assert.is(
      (unknown as { code: string }).code,
      served.name === 'standalone' ? 'model_not_found' : 'gpt-9',
      "the app's own route answers for other models",
    )
  })

  clients("the AI SDK's OpenAI provider: chat and responses, whole and streamed", async () => {
    for (const model of [ai().chat('micro'), ai()('micro')]) {
      const ask = { model, prompt: question, temperature: 0, maxOutputTokens: 30, maxRetries: 0 }
      const { text, usage } = await generateText(ask)
      assert.is(text, said)
      assert.ok(usage.outputTokens! > 0)
      let streamed = ''
      for await (const piece of streamText(ask).textStream) streamed += piece
      assert.is(streamed, said)
      const { object } = await generateObject({ model, prompt: question, schema: answer, maxRetries: 0 })
      assert.equal(answer.parse(object), object)
      const refused = await generateText({ ...ask, topP: 2 }).catch((error: unknown) => error)
      assert.match((refused as Error).message, /top_p must be at most 1/)
    }
  })

  clients('the AI SDK runs tools and goes on, whole and streamed, and can be aborted', async () => {
    const asked: unknown[] = []
    const tools = {
      weather: tool({
        description: 'Weather of a city',
        inputSchema: place,
        execute: async (input) => asked.push(input) && 'rain',
      }),
    }
    const ask = {
      model: ai().chat('micro'),
      prompt: question,
      temperature: 0,
      maxOutputTokens: 100,
      maxRetries: 0,
      tools,
    }
    const { finishReason, toolCalls } = await generateText({
      ...ask,
      toolChoice: 'required',
      providerOptions: { openai: { parallelToolCalls: false } },
    })
    assert.equal([finishReason, toolCalls.map(({ input }) => place.safeParse(input).success)], ['tool-calls', [true]])
    const stream = streamText({
      ...ask,
      toolChoice: { type: 'tool', toolName: 'weather' },
      stopWhen: stepCountIs(2),
      prepareStep: ({ stepNumber }) => (stepNumber > 0 ? { toolChoice: 'none' } : {}),
    })
    assert.equal(
      (await stream.steps).map((step) => step.toolCalls.length),
      [1, 0],
    )
    assert.equal(
      asked.map((input) => place.safeParse(input).success),
      [true, true],
    )
    const controller = new AbortController()
    const { textStream } = streamText({
      ...ask,
      tools: undefined,
      maxOutputTokens: 500,
      abortSignal: controller.signal,
      onError: () => {},
    })
    for await (const piece of textStream) if (piece) controller.abort()
    await idle()
  })

  clients('LangChain: chat, stream, tools, schema, abort, errors', async () => {
    assert.is((await langchain().invoke(question)).content, said)
    let streamed = ''
    for await (const { content } of await langchain().stream(question)) streamed += content
    assert.is(streamed, said)
    const tools = [{ name: 'weather', description: 'Weather of a city', schema: place }]
    const bound = langchain({ maxTokens: 100 }).bindTools(tools, { tool_choice: 'weather' })
    const { tool_calls: calls = [] } = await bound.invoke(question)
    assert.equal(
      calls.map(({ name, args }) => [name, place.safeParse(args).success]),
      [['weather', true]],
    )
    let gathered: Awaited<ReturnType<typeof bound.invoke>> | undefined
    for await (const chunk of await bound.stream(question)) gathered = gathered ? gathered.concat(chunk) : chunk
    assert.equal(
      gathered!.tool_calls?.map(({ args }) => args),
      calls.map(({ args }) => args),
    )
    const object = await langchain({ maxTokens: 60 })
      .withStructuredOutput(answer, { method: 'jsonSchema' })
      .invoke(question)
    assert.equal(answer.parse(object), object)
    const called = await langchain({ maxTokens: 100 })
      .withStructuredOutput(answer, { method: 'functionCalling', name: 'reply' })
      .invoke(question)
    assert.equal(answer.parse(called), called)
    const controller = new AbortController()
    for await (const { content } of await langchain({ maxTokens: 500 })
      .stream(question, { signal: controller.signal })
      .catch(() => []))
      if (content) break
    controller.abort()
    await idle()
    assert.match(
      await langchain({ temperature: 9 })
        .invoke(question)
        .then(
          () => 'nothing',
          (error: Error) => error.message,
        ),
      'temperature must be at most 2',
    )
  })

  if (open !== standalone)
    clients("the app's own routes go on as they were", async () => {
      assert.is(await (await fetch(served.url.replace('/v1', '/hello'))).text(), 'hello')
      assert.equal((await openai().models.list()).data.map(({ id }) => id).sort(), ['elsewhere', 'micro'])
    })

  clients.run()
}

const thinking = suite("thinking through OpenAI's client")

thinking('is told apart whole and streamed, is asked for by the template, and goes back with its turn', async () => {
  const engine = scriptedEngine({ thoughts: ['I ', 'see'], texts: ['Yes', '.'] })
  engine.info.thinks = true
  const app = await listen(express().use('/v1', sequoia({ engine })))
  try {
    const openai = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: 'none', maxRetries: 0 })
    const more = { chat_template_kwargs: { enable_thinking: true } }
    const ask = { model: engine.info.model, messages, ...more }
    const [{ message }] = (await openai.chat.completions.create(ask)).choices
    assert.equal([message.content, (message as Thinking).reasoning_content], ['Yes.', 'I see'])
    let [thought, said] = ['', '']
    for await (const { choices } of await openai.chat.completions.create({ ...ask, stream: true })) {
      thought += (choices[0].delta as Thinking).reasoning_content ?? ''
      said += choices[0].delta.content ?? ''
    }
    assert.equal([thought, said], ['I see', 'Yes.'])
    await openai.chat.completions.create({ ...ask, messages: [...messages, message, ...messages] })
    assert.equal(
      engine.requests.map(({ chatTemplateKwargs }) => chatTemplateKwargs),
      Array.from({ length: 3 }, () => ({ enable_thinking: true })),
    )
    assert.is(engine.requests[2].messages?.[1].reasoning, 'I see')
  } finally {
    await app.close()
  }
})

thinking.run()

function micro(): Promise<Engine> {
  return engineFor({ target: 'micro', toolPrompt: 'generic' })
}
