// @process own
/** `include_metrics` on the wire, the micro pair decoding. */
import express from 'express'
import OpenAI from 'openai'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sequoia } from '../../adapters/express/index.js'
import type { EndEvent, Engine } from '../../src/api/types.js'
import type { AnswerMetrics } from '../../src/serve/answer-metrics.js'
import { metrics as promised } from '../../src/serve/openapi/replies.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { listen, post, type Listening } from '../support/http-app.js'

const metrics = suite('metrics of an answer')
let engine: Engine
let listening: Listening
metrics.before(async () => {
  engine = await engineFor({ target: 'micro' })
  listening = await listen(express().use('/v1', sequoia({ engine })))
})
metrics.after(async () => {
  await listening.close()
  await closeEngines()
})

const messages = [{ role: 'user', content: 'Write a function that adds two numbers.' }]
const chat = {
  model: 'micro',
  messages,
  max_tokens: 40,
  temperature: 0,
  speculation: { tree: [-1, 0, 0, 1, 1, 3] },
  include_metrics: true,
}

/** What the engine says of the requests that `work` makes. */
async function ends(work: () => Promise<void>): Promise<EndEvent[]> {
  const all: EndEvent[] = []
  const listener = (event: EndEvent): void => void all.push(event)
  engine.events.on('end', listener)
  await work()
  engine.events.off('end', listener)
  return all
}

function assertSays(given: AnswerMetrics, all: readonly EndEvent[]): void {
  assert.equal(promised.parse(given), given)
  const { speculative_decoding: said, ...times } = given
  const [accepted, drafted, steps] = (['accepted', 'drafted', 'drafts'] as const).map((name) =>
    all.reduce((sum, { stats }) => sum + stats[name], 0),
  )
  assert.ok(accepted > 0)
  assert.equal([said.num_accepted_draft_tokens, said.num_draft_tokens, said.num_spec_steps], [accepted, drafted, steps])
  assert.is(said.mean_acceptance_length, 1 + accepted / steps)
  assert.is(said.draft_acceptance_rate, accepted / drafted)
  assert.equal([said.num_spec_tokens, said.acceptance_histogram.length], [3, 4])
  assert.is(
    said.acceptance_histogram.reduce((sum, count) => sum + count, 0),
    steps,
  )
  assert.is(
    said.acceptance_histogram.reduce((sum, count, length) => sum + length * count, 0),
    accepted,
  )
  if (all.length > 1) return assert.equal(times, {})
  const [{ stats, ms }] = all
  assert.equal(times, {
    time_to_first_token_ms: stats.firstTokenMs,
    queue_time_ms: stats.queueMs,
    generation_time_ms: stats.generationMs,
    mean_itl_ms: stats.generationMs / (stats.tokens - 1),
    tokens_per_second: (1000 * (stats.tokens - 1)) / stats.generationMs,
  })
  assert.ok(stats.queueMs <= stats.firstTokenMs! && stats.firstTokenMs! + stats.generationMs <= ms)
}

metrics('a whole answer has them beside usage, on every endpoint', async () => {
  for (const [path, body] of [
    ['chat/completions', chat],
    ['completions', { ...chat, messages: undefined, prompt: 'This package is' }],
    ['responses', { ...chat, messages: undefined, max_tokens: undefined, input: messages, max_output_tokens: 40 }],
  ] as const) {
    let said: AnswerMetrics | undefined
    const all = await ends(
      async () => void (said = (await (await post(`${listening.url}/v1/${path}`, body)).json()).metrics),
    )
    assert.ok(said, path)
    assertSays(said, all)
  }
})

metrics('a stream has them in one last chunk, with usage where that is asked for', async () => {
  const client = new OpenAI({ baseURL: `${listening.url}/v1`, apiKey: 'none' })
  for (const include_usage of [true, false]) {
    const chunks: (OpenAI.ChatCompletionChunk & { metrics?: AnswerMetrics })[] = []
    const all = await ends(async () => {
      const stream = await client.chat.completions.create({
        ...chat,
        stream: true,
        stream_options: { include_usage },
      } as OpenAI.ChatCompletionCreateParamsStreaming)
      for await (const chunk of stream) chunks.push(chunk)
    })
    const last = chunks.pop()!
    assert.equal([last.choices, 'usage' in last], [[], include_usage])
    assert.ok(chunks.every((chunk) => !('metrics' in chunk) && chunk.choices.length === 1))
    assertSays(last.metrics!, all)
  }
})

metrics('the events of a response have them in the response that completes it', async () => {
  const body = {
    model: 'micro',
    input: messages,
    max_output_tokens: 40,
    temperature: 0,
    speculation: chat.speculation,
    include_metrics: true,
    stream: true,
  }
  let text = ''
  const all = await ends(async () => void (text = await (await post(`${listening.url}/v1/responses`, body)).text()))
  const events = text
    .split('\n\n')
    .filter(Boolean)
    .map((event) => JSON.parse(event.split('\ndata: ')[1]))
  const last = events.pop()
  assert.match(last.type, /^response\.(completed|incomplete)$/)
  assertSays(last.response.metrics, all)
  assert.ok(events.every((event) => !event.response?.metrics))
})

metrics('several choices are added up, without times', async () => {
  let said: AnswerMetrics | undefined
  const all = await ends(
    async () =>
      void (said = (
        await (await post(`${listening.url}/v1/chat/completions`, { ...chat, n: 3, temperature: 0.8, seed: 1 })).json()
      ).metrics),
  )
  assert.is(all.length, 3)
  assertSays(said!, all)
})

metrics('who does not ask gets none; plain decoding has nothing to say of speculation', async () => {
  const { include_metrics: _, ...silent } = chat
  assert.not('metrics' in (await (await post(`${listening.url}/v1/chat/completions`, silent)).json()))
  const plain = await (
    await post(`${listening.url}/v1/chat/completions`, { ...chat, speculation: { off: true } })
  ).json()
  assert.equal(plain.metrics.speculative_decoding, {
    mean_acceptance_length: 1,
    draft_acceptance_rate: 0,
    acceptance_histogram: [0],
    num_spec_steps: 0,
    num_accepted_draft_tokens: 0,
    num_draft_tokens: 0,
    num_spec_tokens: 0,
  })
})

metrics.run()
