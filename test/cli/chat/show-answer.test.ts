import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { showAnswer, type Screen } from '../../../src/cli/chat/show-answer.js'
import { scriptedEngine } from '../../support/scripted-engine.js'

const NO_COLOURS = { answer: false, remarks: false }

function screen(colours = NO_COLOURS) {
  const shown = { out: '', err: '' }
  const subject: Screen = {
    write: (text) => void (shown.out += text),
    tell: (text) => void (shown.err += `${text}\n`),
    remark: (text) => void (shown.err += text),
    colours,
  }
  return { subject, shown }
}

const ask = { messages: [{ role: 'user' as const, content: 'Hi' }] }

test('an answer is shown as it comes, ends its line, and what it cost is a remark', async () => {
  const { subject, shown } = screen()
  assert.is(await showAnswer(scriptedEngine(), ask, subject, 'limit'), 'Hello, world')
  assert.is(shown.out, 'Hello, world\n')
  assert.is(
    shown.err,
    '3 tokens, 1000.0 tokens/s, 1.00 tokens a step, 2 of 5 draft tokens accepted\n',
    'three tokens in three milliseconds',
  )
})

test('an answer that ends its line itself gets no second end', async () => {
  const { subject, shown } = screen()
  await showAnswer(scriptedEngine({ texts: ['a\n'] }), ask, subject, 'limit')
  assert.is(shown.out, 'a\n')
})

test('an answer that fails half way ends its line before that is told', async () => {
  const { subject, shown } = screen()
  const engine = {
    async *generate() {
      yield { text: 'Hel', tokens: [1], accepted: 0 }
      throw new Error('gone')
    },
  }
  const failed = await showAnswer(engine, ask, subject, 'limit').catch((error: Error) => error.message)
  assert.equal([failed, shown.out], ['gone', 'Hel\n'])
})

test('an answer that was cut off says so, and how to get more', async () => {
  const { subject, shown } = screen()
  await showAnswer(scriptedEngine({ finish: 'length' }), ask, subject, 'limit')
  assert.match(shown.err, /, cut off: \/set max-tokens allows more\n$/)
  await showAnswer(scriptedEngine({ finish: 'length' }), ask, subject, 'context')
  assert.match(shown.err, /, cut off: the context is full, \/clear forgets what was said\n$/)
})

test('what the model thinks comes beside the answer, as a remark', async () => {
  const { subject, shown } = screen()
  assert.is(await showAnswer(scriptedEngine({ thoughts: ['Hm', '.'], texts: ['Yes'] }), ask, subject, 'limit'), 'Yes')
  assert.is(shown.out, 'Yes\n')
  assert.match(shown.err, /^Hm\.\n\n3 tokens/)
})

test('steps are traced only where their colours are seen', async () => {
  const engine = scriptedEngine()
  await showAnswer(engine, ask, screen().subject, 'limit')
  await showAnswer(engine, ask, screen({ answer: true, remarks: false }).subject, 'limit')
  assert.equal(
    engine.requests.map(({ trace }) => trace),
    [false, true],
  )
})

test('remarks are dim where their stream has colours', async () => {
  const { subject, shown } = screen({ answer: false, remarks: true })
  await showAnswer(scriptedEngine(), ask, subject, 'limit')
  assert.ok(shown.err.startsWith('\u001b[2m3 tokens'))
  assert.not.ok(shown.out.includes('\u001b'))
})

test.run()
