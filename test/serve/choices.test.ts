import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { choiceParts } from '../../src/serve/choices.js'
import { parseChat } from '../../src/serve/chat-request.js'
import { scriptedEngine } from '../support/scripted-engine.js'

const call = (n: number) =>
  parseChat(
    { model: 'm', messages: [{ role: 'user', content: 'x' }], n },
    { maxContext: 100, sampling: {}, thinks: false },
  )
const never = new AbortController().signal

test('each choice is a request of its own, told apart by its number', async () => {
  const engine = scriptedEngine()
  const texts = ['', '', '']
  for await (const { index, part } of choiceParts(engine, call(3), never)) texts[index] += part.text
  assert.equal(texts, Array(3).fill('Hello, world'))
  assert.equal(
    engine.requests.map(({ choice }) => choice),
    [0, 1, 2],
  )
})

test('whoever leaves ends them all', async () => {
  const engine = scriptedEngine({ texts: Array(100).fill('x') })
  for await (const _ of choiceParts(engine, call(4), never)) break
  assert.is(engine.open, 0)
  assert.ok(engine.requests.every(({ signal }) => signal!.aborted))
})

test('the failure of one ends the others, and is thrown once all have let go', async () => {
  const engine = scriptedEngine({ texts: ['a', 'b', 'c'], error: { thrown: new Error('broke'), at: 1 } })
  try {
    for await (const _ of choiceParts(engine, call(2), never));
    assert.unreachable()
  } catch (error) {
    assert.is((error as Error).message, 'broke')
  }
  assert.is(engine.open, 0)
})

test('acceptance is passed on', async () => {
  let accepted = 0
  for await (const _ of choiceParts(scriptedEngine(), call(2), never, () => accepted++));
  assert.is(accepted, 2)
})

test.run()
