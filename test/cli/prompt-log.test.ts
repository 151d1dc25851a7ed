import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Engine, Generates } from '../../src/api/types.js'
import { withPromptLog } from '../../src/cli/prompt-log.js'
import { scriptedEngine } from '../support/scripted-engine.js'
import { keptLog } from './support.js'

const messages = [{ role: 'user' as const, content: 'hi' }]

test('an answer comes as the engine makes it, and is logged with its prompt once it has ended', async () => {
  const { log, lines } = keptLog()
  let text = ''
  for await (const part of withPromptLog(scriptedEngine(), log).generate({ messages, requestId: 'r.1' })) {
    text += part.text
    assert.is(lines.length, 0)
  }
  assert.is(text, 'Hello, world')
  const [{ requestId, model, messages: asked, answer }] = lines
  assert.equal([requestId, model, asked, answer, lines.length], ['r.1', 'scripted', messages, text, 1])
})

test('what a reader that left or a failure has cut short is logged as far as it came', async () => {
  const { log, lines } = keptLog()
  const engine = scriptedEngine({ error: { thrown: new Error('disk'), at: 2 } })
  for await (const _ of withPromptLog(engine, log).generate({ prompt: 'a' })) break
  const failed = await (async () => {
    for await (const _ of withPromptLog(engine, log).generate({ promptTokens: [1] }));
  })().catch((error: Error) => error)
  assert.match(String(failed), 'disk')
  assert.equal(
    lines.map(({ prompt, promptTokens, answer }) => [prompt, promptTokens, answer]),
    [
      ['a', undefined, 'Hello'],
      [undefined, [1], 'Hello, '],
    ],
  )
  assert.is(engine.open, 0)
})

test('an engine of this process keeps its counters and events; one far away has none to keep', () => {
  const { log } = keptLog()
  const engine = scriptedEngine()
  assert.is((withPromptLog(engine, log) as Engine).events, engine.events)
  const { info, generate, fault, usage, encode, close } = engine
  const remote: Generates = { info, generate, fault, usage, encode, close }
  assert.not('stats' in withPromptLog(remote, log))
})

test.run()
