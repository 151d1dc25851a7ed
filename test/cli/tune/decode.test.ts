import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decode } from '../../../src/cli/tune/decode.js'
import { InvalidArgumentError } from '../../../src/spec/errors.js'
import { scriptedEngine } from '../../support/scripted-engine.js'

test('a question is a chat turn where the model has a template, else a bare prompt', async () => {
  const engine = scriptedEngine()
  assert.is((await decode(engine, 'Why?', { maxTokens: 5, draft: 'none' })).tokens, 3)
  engine.encode = async () => {
    throw new InvalidArgumentError('messages', 'no template')
  }
  await decode(engine, 'Why?', { maxTokens: 5 })
  assert.equal(engine.requests, [
    { messages: [{ role: 'user', content: 'Why?' }], maxTokens: 5, draft: 'none' },
    { prompt: 'Why?', maxTokens: 5 },
  ])
})

test('what else encoding fails with is not hidden', async () => {
  const engine = scriptedEngine()
  engine.encode = async () => {
    throw new TypeError('broken')
  }
  const error: unknown = await decode(engine, 'Why?', {}).catch((reason: unknown) => reason)
  assert.instance(error, TypeError)
})

test.run()
