// @process own
/** `sequoia chat` with the micro pair, piped. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { finished, start } from '../support/cli.js'

const chat = suite('sequoia chat')

chat('answers piped messages one after the other, remarks on standard error, no colours', async () => {
  const input = 'Write a test.\n/set max-tokens 4\n"""\nAnd\nanother.\n"""\n'
  const args = ['chat', '--model', 'micro', '--max-tokens', '16', '--system', 'Hi.']
  const { code, out, err } = await finished(start(args, {}, input))
  assert.is(code, 0, err)
  assert.not.ok((out + err).includes('\u001b') || out.includes('>>>'), 'no colours, no prompts')
  assert.ok(out.trim().length > 0)
  const costs = err.match(/^\d+ tokens, [\d.]+ tokens\/s, [\d.]+ tokens a step, .*$/gm)!
  assert.is(costs.length, 2, err)
  assert.match(costs[1], /^[1-4] tokens/)
})

chat('an interrupt ends a script with the code of shells, its answer as far as it came', async () => {
  const args = ['chat', '--model', 'micro', '--temperature', '1']
  const messages = 100
  const child = start(args, {}, 'Tell me more.\n'.repeat(messages))
  const end = finished(child)
  child.stdout!.once('data', () => child.kill('SIGINT'))
  const { code, err } = await end
  assert.is(code, 130, err)
  const answers = err.match(/tokens\/s/g)!.length
  assert.ok(answers > 0 && answers < messages, err)
})

chat.run()
