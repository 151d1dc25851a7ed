// @process native
/** The AI SDK and LangChain as HTTP clients of every adapter, as they come, the micro pair decoding behind it. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { ChatOpenAI } from '@langchain/openai'
import { generateObject, generateText, streamText } from 'ai'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as z from 'zod'
import type { Engine } from '../../../src/api/types.js'
import { closeEngines, engineFor } from '../../support/engines.js'
import { collect } from '../../support/equality.js'
import { eventually, type Listening } from '../../support/http-app.js'
import { mounts } from '../support/mounts.js'

const question = 'Write a function that adds two numbers.'
const schema = z.object({ colour: z.enum(['red', 'green', 'blue']), sure: z.boolean() })

for (const mount of mounts) {
  const sdk = suite(`SDK clients, ${mount.name}`)
  let engine: Engine
  let listening: Listening
  let said: string

  sdk.before(async () => {
    engine = await engineFor({ target: 'micro', maxContext: 256 })
    listening = await mount.open({ engine })
    said = (await collect(engine, { messages: [{ role: 'user', content: question }], maxTokens: 40 })).text
  })
  sdk.after(async () => {
    await listening.close()
    await closeEngines()
  })

  const ai = () =>
    createOpenAICompatible({ name: 'ours', baseURL: `${listening.url}/v1`, supportsStructuredOutputs: true })('micro')
  const langchain = () =>
    new ChatOpenAI({
      model: 'micro',
      temperature: 0,
      maxTokens: 40,
      apiKey: 'none',
      maxRetries: 0,
      configuration: { baseURL: `${listening.url}/v1` },
    })

  sdk('the AI SDK: whole, streamed, to a schema, aborted', async () => {
    const asked = { model: ai(), prompt: question, temperature: 0, maxOutputTokens: 40, maxRetries: 0 }
    assert.is((await generateText(asked)).text, said)
    let text = ''
    for await (const piece of streamText(asked).textStream) text += piece
    assert.is(text, said)
    const { object } = await generateObject({ model: ai(), prompt: question, schema, maxRetries: 0 })
    assert.equal(schema.parse(object), object)
    const controller = new AbortController()
    const { textStream } = streamText({
      ...asked,
      maxOutputTokens: 200,
      abortSignal: controller.signal,
      onError: () => {},
    })
    for await (const piece of textStream) if (piece) controller.abort()
    await eventually(() => engine.usage().slotsUsed === 0 && engine.usage().running === 0)
  })

  sdk('LangChain: whole, streamed, to a schema, refused', async () => {
    assert.is((await langchain().invoke(question)).content, said)
    let text = ''
    for await (const { content } of await langchain().stream(question)) text += content
    assert.is(text, said)
    const object = await langchain().withStructuredOutput(schema, { method: 'jsonSchema' }).invoke(question)
    assert.equal(schema.parse(object), object)
    const refused = await new ChatOpenAI({ ...langchain().lc_kwargs, temperature: 9 }).invoke(question).then(
      () => 'nothing',
      (error: Error) => error.message,
    )
    assert.match(refused, 'temperature must be at most 2')
  })

  sdk.run()
}
