import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { gatewayAnswer } from '../../../src/scale/batches/gateway-answer.js'
import { createGateway } from '../../../src/serve/index.js'
import { scriptedEngine, type ScriptedEngine } from '../../support/scripted-engine.js'

const never = new AbortController().signal

function answering(engines: Record<string, ScriptedEngine>): ReturnType<typeof gatewayAnswer> {
  return gatewayAnswer(
    Object.entries(engines).map(([name, engine]) => ({ engine, gateway: createGateway({ engine, name }) })),
  )
}

const bodyOf = (model: string): object => ({ model, prompt: 'hi' })

test('each model answers by its own gateway, under an id of the request', async () => {
  const { answer } = answering({ a: scriptedEngine({ texts: ['from a'] }), b: scriptedEngine({ texts: ['from b'] }) })
  for (const model of ['a', 'b']) {
    const { status, requestId, body } = await answer('completions', bodyOf(model), never)
    assert.equal([status, (body as { choices: { text: string }[] }).choices[0].text], [200, `from ${model}`])
    assert.match(requestId, /^req_[0-9a-f]{32}$/)
  }
})

test('a model that is not served and an answer in pieces are refused', async () => {
  const { answer } = answering({ a: scriptedEngine() })
  const unknown = await answer('completions', bodyOf('gpt-9'), never)
  assert.is(unknown.status, 404)
  assert.match(JSON.stringify(unknown.body), 'served: a')
  const streamed = await answer('completions', { ...bodyOf('a'), stream: true }, never)
  assert.equal([streamed.status, (streamed.body as { error: { param: string } }).error.param], [400, 'stream'])
})

test('while others wait for a place no request begins', async () => {
  const engine = scriptedEngine()
  let looked = 0
  engine.usage = () => ({ slotsUsed: 0, slots: 8, running: 8, waiting: ++looked < 3 ? 1 : 0 })
  const { generate } = engine
  engine.generate = (request) => {
    assert.is(looked, 3)
    return generate(request)
  }
  assert.is((await answering({ a: engine }).answer('completions', bodyOf('a'), never)).status, 200)
})

test('an abort ends the waiting and the answer, and is thrown', async () => {
  const engine = scriptedEngine()
  engine.usage = () => ({ slotsUsed: 0, slots: 8, running: 8, waiting: 1 })
  const controller = new AbortController()
  const waiting = answering({ a: engine }).answer('completions', bodyOf('a'), controller.signal)
  controller.abort()
  assert.is(((await waiting.catch((error: Error) => error)) as Error).name, 'AbortError')
  const later = new AbortController()
  const slow = scriptedEngine({ pace: async (part) => void (part === 1 && later.abort()) })
  const answered = answering({ a: slow }).answer('completions', bodyOf('a'), later.signal)
  assert.is(((await answered.catch((error: Error) => error)) as Error).name, 'AbortError')
})

test('numbers that no double holds come through a line', async () => {
  assert.is(
    String(((await answering({}).parse('{"seed": 9007199254740993}')) as { seed: unknown }).seed),
    '9007199254740993',
  )
})

test.run()
