// @process native
/** LangChain's own calls on our chat model, the micro pair decoding in this process. */
import { HumanMessage, SystemMessage } from '@langchain/core/messages'
import { ChatPromptTemplate } from '@langchain/core/prompts'
import { StringOutputParser } from '@langchain/core/output_parsers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as z from 'zod'
import { chatSequoia } from '../../../adapters/langchain/index.js'
import type { Engine } from '../../../src/api/types.js'
import { InvalidArgumentError } from '../../../src/spec/errors.js'
import { closeEngines, engineFor } from '../../support/engines.js'
import { collect } from '../../support/equality.js'
import { eventually } from '../../support/http-app.js'
import { scriptedEngine } from '../../support/scripted-engine.js'

const question = 'Write a function that adds two numbers.'
const messages = [{ role: 'user', content: question }]
const langchain = suite('LangChain chat model')
let engine: Engine

langchain.before(async () => {
  engine = await engineFor({ target: 'micro', maxContext: 256 })
})
langchain.after(closeEngines)

langchain('invoke gives what the engine says for the same seed, and counts its tokens', async () => {
  const { content, usage_metadata } = await chatSequoia({
    engine,
    temperature: 1,
    maxTokens: 40,
    modelKwargs: { seed: 7 },
  }).invoke(question)
  const said = await collect(engine, { messages, maxTokens: 40, temperature: 1, seed: 7 })
  assert.is(content, said.text)
  assert.equal(
    [usage_metadata?.input_tokens, usage_metadata?.output_tokens],
    [said.stats.promptTokens, said.stats.tokens],
  )
})

langchain('a chain streams the same text in pieces', async () => {
  const chain = ChatPromptTemplate.fromMessages([['user', '{question}']])
    .pipe(chatSequoia({ engine, temperature: 0, maxTokens: 40 }))
    .pipe(new StringOutputParser())
  const pieces: string[] = []
  for await (const piece of await chain.stream({ question })) pieces.push(piece)
  assert.is(pieces.join(''), (await collect(engine, { messages, maxTokens: 40 })).text)
  assert.ok(pieces.length > 1)
})

langchain('structured output is held to its schema', async () => {
  const schema = z.object({ colour: z.enum(['red', 'green', 'blue']), sure: z.boolean() })
  const model = chatSequoia({ engine, temperature: 1, modelKwargs: { seed: 3 } }).withStructuredOutput(schema, {
    method: 'jsonSchema',
  })
  const object = await model.invoke(question)
  assert.equal(schema.parse(object), object)
})

langchain('system messages and fields without a LangChain name reach the engine', async () => {
  const scripted = scriptedEngine()
  await chatSequoia({
    engine: scripted,
    stop: ['END'],
    modelKwargs: { min_p: 0.25, speculation: { off: true } },
  }).invoke([new SystemMessage('be brief'), new HumanMessage('hi')])
  const [{ messages: turns, stop, minP, draft }] = scripted.requests
  assert.equal(turns, [
    { role: 'system', content: 'be brief' },
    { role: 'user', content: 'hi' },
  ])
  assert.equal([stop, minP, draft], [['END'], 0.25, 'none'])
})

langchain("counts tokens with the model's own tokenizer", async () => {
  assert.is(await chatSequoia({ engine }).getNumTokens(question), (await engine.encode({ prompt: question })).length)
  assert.is(await chatSequoia({ engine }).getNumTokens(''), 0)
})

langchain('aborting stops the engine and frees every slot', async () => {
  const controller = new AbortController()
  const stream = await chatSequoia({ engine, maxTokens: 200 }).stream(question, { signal: controller.signal })
  await assertThrows(async () => {
    for await (const { content } of stream) if (content) controller.abort()
  }, /abort/i)
  await eventually(() => engine.usage().slotsUsed === 0 && engine.usage().running === 0)
})

langchain('what is wrong with a request is an error that says so', async () => {
  await assertThrows(
    () => chatSequoia({ engine, temperature: 5, maxRetries: 0 }).invoke(question),
    /temperature must be at most 2/,
  )
  await assertThrows(
    () => chatSequoia({ engine, model: 'gpt-9', maxRetries: 0 }).invoke(question),
    /"gpt-9" is not served here/,
  )
})

langchain('a wrong option is refused at set-up', () => {
  assert.throws(
    () => chatSequoia({ engine, apiKey: 'x' } as never),
    (error: Error) => error instanceof InvalidArgumentError && error.param === 'apiKey',
  )
})

async function assertThrows(run: () => Promise<unknown>, message: RegExp): Promise<void> {
  const said = await run().then(
    () => 'nothing',
    (error: Error) => error.message,
  )
  assert.match(said, message)
}

langchain.run()
