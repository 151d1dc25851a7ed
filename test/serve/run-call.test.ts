import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { GeneratePart } from '../../src/api/types.js'
import { streamAnswer, wholeAnswer } from '../../src/serve/run-call.js'
import type { Call } from '../../src/serve/call.js'
import type { ChatChunk, Chunk, CompletionChunk } from '../../src/serve/chunks.js'
import { scriptedEngine, type ScriptedEngine } from '../support/scripted-engine.js'
import { chat, completion } from './support.js'

const never = new AbortController().signal

/** An engine whose scripted parts have more in them: `more[i]` joins part i. */
function engineWith(more: readonly Partial<GeneratePart>[]): ScriptedEngine {
  const engine = scriptedEngine({ texts: more.map((_, i) => 'abc'[i]) })
  const { generate } = engine
  engine.generate = async function* (request) {
    let i = 0
    for await (const part of generate(request)) yield { ...part, ...more[i++] }
  }
  return engine
}

async function chunksOf(engine: ScriptedEngine, call: Call): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  for await (const one of streamAnswer(engine, call, never, () => {})) chunks.push(one)
  return chunks
}

const deltas = (chunks: readonly Chunk[]): object[] => (chunks as ChatChunk[]).map(({ choices }) => choices[0].delta)

test('each chat choice begins with its role once; completions have none', async () => {
  const chunks = (await chunksOf(scriptedEngine(), chat({ n: 2 }))) as ChatChunk[]
  for (const index of [0, 1]) {
    const ofChoice = chunks.filter(({ choices }) => choices[0].index === index)
    assert.equal(deltas(ofChoice), [
      { role: 'assistant', content: '' },
      { content: 'Hello' },
      { content: ', ' },
      { content: 'world' },
      {},
    ])
    assert.is(ofChoice.at(-1)!.choices[0].finish_reason, 'stop')
  }
  const texts = ((await chunksOf(scriptedEngine(), completion())) as CompletionChunk[]).map(
    (one) => one.choices[0].text,
  )
  assert.equal(texts, ['Hello', ', ', 'world', ''])
})

test('a part with nothing to say makes no chunk; beside a call there is no empty text', async () => {
  const toolCalls = [{ index: 0, name: 'f', arguments: '{}' }]
  const chunks = await chunksOf(engineWith([{ text: '' }, { text: '', toolCalls }, {}]), chat())
  const [, call, text] = deltas(chunks) as { content?: string; tool_calls?: object[] }[]
  assert.equal([call.content, call.tool_calls?.length, text], [undefined, 1, { content: 'c' }])
})

test('usage of all choices comes in one chunk behind the last', async () => {
  const call = chat({ n: 2, stream: true, stream_options: { include_usage: true } })
  const chunks = await chunksOf(scriptedEngine(), call)
  assert.equal([chunks.at(-1)!.choices, chunks.at(-1)!.usage!.completion_tokens], [[], 6])
  assert.is(chunks.filter(({ usage }) => usage).length, 1)
})

test("a whole answer joins each choice's text, calls and log probabilities", async () => {
  const logprobs = (text: string): GeneratePart['logprobs'] => [
    { token: 0, text, bytes: [...Buffer.from(text)], logprob: -1, top: [] } as never,
  ]
  const engine = engineWith([
    { logprobs: logprobs('a'), toolCalls: [{ index: 0, name: 'f', arguments: '{"x":' }] },
    { logprobs: logprobs('b'), toolCalls: [{ index: 0, arguments: '1}' }] },
  ])
  const { choices } = (await wholeAnswer(engine, chat({ logprobs: true }), never)) as {
    choices: {
      message: { content: string; tool_calls: { function: object }[] }
      logprobs: { content: { token: string }[] }
    }[]
  }
  const [{ message, logprobs: shown }] = choices
  assert.equal([message.content, message.tool_calls[0].function], ['ab', { name: 'f', arguments: '{"x":1}' }])
  assert.equal(
    shown.content.map(({ token }) => token),
    ['a', 'b'],
  )
})

test("a bad request's error comes before the first chunk; leaving ends the engine's stream", async () => {
  const thrown = new Error('bad')
  const failed = await chunksOf(scriptedEngine({ error: { thrown } }), chat()).catch((error: Error) => error)
  assert.is(failed, thrown)
  const engine = scriptedEngine()
  for await (const _ of streamAnswer(engine, chat(), never, () => {})) break
  assert.is(engine.open, 0)
})

test.run()
