import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { gatewayAnswer } from '../../../src/scale/batches/gateway-answer.js'
import { createGateway } from '../../../src/serve/index.js'
import { scriptedEngine, type ScriptedEngine } from '../../support/scripted-engine.js'

const never = new AbortController().signal

function answering(engines: Record<string, ScriptedEngine>): ReturnType<typeof gatewayAnswer> {
  const gateways = Object.entries(engines).map(([name, engine]) => createGateway({ engine, name }))
  return gatewayAnswer(() => gateways)
}

const bodyOf = (model: string): object => ({ model, prompt: 'hi' })

test('each model answers by its own gateway, under an id of the request', async () => {
  const { answer } = answering({ a: scriptedEngine({ texts: ['from a'] }), b: scriptedEngine({ texts: ['from b'] }) })
  for (const model of ['a', 'b']) {
    const { status, requestId, body } = await answer('completions', bodyOf(model), never, 'c')
    assert.equal([status, (body as { choices: { text: string }[] }).choices[0].text], [200, `from ${model}`])
    assert.match(requestId, /^req_[0-9a-f]{32}$/)
  }
})

test('a model that is not served and an answer in pieces are refused', async () => {
  const { answer } = answering({ a: scriptedEngine() })
  const unknown = await answer('completions', bodyOf('gpt-9'), never, 'c')
  assert.is(unknown.status, 404)
  assert.match(JSON.stringify(unknown.body), 'served: a')
  const streamed = await answer('completions', { ...bodyOf('a'), stream: true }, never, 'c')
  assert.equal([streamed.status, (streamed.body as { error: { param: string } }).error.param], [400, 'stream'])
})

test('requests are of a batch, and of whose it is, and go by the id that their line tells', async () => {
  const engine = scriptedEngine()
  const reply = await answering({ a: engine }).answer('completions', bodyOf('a'), never, 'c')
  const [{ urgency, caller, requestId }] = engine.requests
  assert.equal([urgency, caller, requestId], ['batch', 'c', reply.requestId])
})

test('a model that comes later is answered from then on', async () => {
  const gateways = [createGateway({ engine: scriptedEngine(), name: 'a' })]
  const { answer } = gatewayAnswer(() => gateways)
  assert.is((await answer('completions', bodyOf('b'), never, 'c')).status, 404)
  gateways.push(createGateway({ engine: scriptedEngine(), name: 'b' }))
  assert.is((await answer('completions', bodyOf('b'), never, 'c')).status, 200)
})

test('an abort ends the answer, and is thrown', async () => {
  const later = new AbortController()
  const slow = scriptedEngine({ pace: async (part) => void (part === 1 && later.abort()) })
  const answered = answering({ a: slow }).answer('completions', bodyOf('a'), later.signal, 'c')
  assert.is(((await answered.catch((error: Error) => error)) as Error).name, 'AbortError')
})

test('numbers that no double holds come through a line', async () => {
  assert.is(
    String(((await answering({}).parse('{"seed": 9007199254740993}')) as { seed: unknown }).seed),
    '9007199254740993',
  )
})

test.run()
