// @process own
/** The AI SDK's own functions on our provider, the micro pair decoding in this process. */
import { APICallError, generateObject, generateText, streamText } from 'ai'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as z from 'zod'
import { createSequoia } from '../../../adapters/ai/index.js'
import type { Engine } from '../../../src/api/types.js'
import { InvalidArgumentError } from '../../../src/spec/errors.js'
import { closeEngines, engineFor } from '../../support/engines.js'
import { collect } from '../../support/equality.js'
import { eventually } from '../../support/http-app.js'
import { scriptedEngine } from '../../support/scripted-engine.js'

const messages = [{ role: 'user' as const, content: 'Write a function that adds two numbers.' }]
const ai = suite('AI SDK provider')
let engine: Engine
let sequoia: ReturnType<typeof createSequoia>

ai.before(async () => {
  engine = await engineFor({ target: 'micro', maxContext: 256 })
  sequoia = createSequoia({ engine })
})
ai.after(closeEngines)

ai('generateText gives what the engine says for the same seed, and counts its tokens', async () => {
  const { text, usage, finishReason } = await generateText({
    model: sequoia('micro'),
    messages,
    maxOutputTokens: 40,
    temperature: 1,
    seed: 7,
  })
  const said = await collect(engine, { messages, maxTokens: 40, temperature: 1, seed: 7 })
  assert.is(text, said.text)
  assert.equal([usage.inputTokens, usage.outputTokens], [said.stats.promptTokens, said.stats.tokens])
  assert.is(finishReason, said.stats.tokens === 40 ? 'length' : 'stop')
})

ai('streamText brings the same text in pieces, and the usage', async () => {
  const { textStream, usage } = streamText({ model: sequoia('micro'), messages, maxOutputTokens: 40, temperature: 0 })
  const pieces: string[] = []
  for await (const piece of textStream) pieces.push(piece)
  const said = await collect(engine, { messages, maxTokens: 40 })
  assert.is(pieces.join(''), said.text)
  assert.ok(pieces.length > 1)
  assert.is((await usage).outputTokens, said.stats.tokens)
})

ai('generateObject is held to its schema', async () => {
  const schema = z.object({ colour: z.enum(['red', 'green', 'blue']), sure: z.boolean() })
  const { object } = await generateObject({ model: sequoia('micro'), schema, messages, temperature: 1, seed: 3 })
  assert.equal(schema.parse(object), object)
})

ai('fields that the SDK has no name for reach the engine', async () => {
  const scripted = scriptedEngine()
  await generateText({
    model: createSequoia({ engine: scripted })('scripted'),
    prompt: 'hi',
    providerOptions: { sequoia: { min_p: 0.25, speculation: { off: true } } },
  })
  assert.equal([scripted.requests[0].minP, scripted.requests[0].draft], [0.25, 'none'])
})

ai('aborting stops the engine and frees every slot', async () => {
  const controller = new AbortController()
  const { textStream } = streamText({
    model: sequoia('micro'),
    messages,
    maxOutputTokens: 200,
    abortSignal: controller.signal,
    onError: () => {},
  })
  for await (const piece of textStream) if (piece) controller.abort()
  await eventually(() => engine.usage().slotsUsed === 0 && engine.usage().running === 0)
})

ai('what is wrong with a request is an APICallError that names the field', async () => {
  const refused = async (run: () => Promise<unknown>): Promise<[number | undefined, string]> => {
    try {
      await run()
    } catch (error) {
      assert.ok(APICallError.isInstance(error), String(error))
      return [error.statusCode, error.message]
    }
    return assert.unreachable() as never
  }
  const [status, message] = await refused(() =>
    generateText({ model: sequoia('micro'), messages, temperature: 5, maxRetries: 0 }),
  )
  assert.is(status, 400)
  assert.match(message, 'temperature must be at most 2')
  const [unknown, name] = await refused(() => generateText({ model: sequoia('gpt-9'), messages, maxRetries: 0 }))
  assert.is(unknown, 404)
  assert.match(name, '"gpt-9" is not served here')
})

ai('a wrong option is refused at set-up', () => {
  assert.throws(
    () => createSequoia({ engine, prefix: '/v1' } as never),
    (error: Error) => error instanceof InvalidArgumentError && error.param === 'prefix',
  )
})

ai.run()
