// @process own
/** `speculation.trace` and `speculation.tree` on the wire, the micro pair decoding. */
import express from 'express'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sequoia } from '../../adapters/express/index.js'
import type { StepTrace } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { listen, post, type Listening } from '../support/http-app.js'

const body = {
  model: 'micro',
  messages: [{ role: 'user', content: 'Write a function that adds two numbers.' }],
  max_tokens: 30,
  temperature: 0,
}
const trace = suite('trace on the wire')
let listening: Listening

trace.before(async () => {
  listening = await listen(
    express().use('/v1', sequoia({ engine: await engineFor({ target: 'micro', maxContext: 256 }) })),
  )
})
trace.after(async () => {
  await listening.close()
  await closeEngines()
})

interface WireChunk {
  choices: { delta: { content?: string } }[]
  sequoia?: { trace: StepTrace }
}

async function chunks(extra: object): Promise<WireChunk[]> {
  const text = await (await post(`${listening.url}/v1/chat/completions`, { ...body, stream: true, ...extra })).text()
  return text
    .split('\n\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)))
}

const textOf = (all: WireChunk[]): string => all.map(({ choices }) => choices[0].delta.content ?? '').join('')

trace('each step is a chunk that shows its tree; the text is what it is without', async () => {
  const traced = await chunks({ speculation: { tree: [-1, 0, 0, 1], trace: true } })
  const steps = traced.flatMap(({ sequoia: extension }) => (extension ? [extension.trace] : []))
  assert.ok(steps.length > 3)
  assert.ok(steps.some(({ parents }) => parents.length === 4))
  const plain = await chunks({ speculation: { off: true } })
  assert.is(textOf(traced), textOf(plain))
  assert.ok(plain.every((one) => !('sequoia' in one)))
})

trace('what makes no sense is refused by name', async () => {
  const cases: [object, string, string][] = [
    [{ speculation: { trace: true } }, 'speculation.trace', 'for streamed answers'],
    [{ stream: true, speculation: { off: true, tree: [-1, 0] } }, 'speculation', 'pins a tree and turns drafting off'],
    [{ stream: true, speculation: { tree: [-1, 5] } }, 'speculation.tree', 'node 1 has parent 5'],
    [{ stream: true, speculation: { tree: [] } }, 'speculation.tree', 'must not be empty'],
  ]
  for (const [extra, param, message] of cases) {
    const response = await post(`${listening.url}/v1/chat/completions`, { ...body, ...extra })
    const { error } = await response.json()
    assert.equal([response.status, error.param], [400, param], error.message)
    assert.match(error.message, message)
  }
})

trace.run()
