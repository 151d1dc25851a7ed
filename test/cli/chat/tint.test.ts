import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { StepTrace } from '../../../src/api/types.js'
import { dim, tinted } from '../../../src/cli/chat/tint.js'

const trace = (texts: string[], path: number[]): StepTrace => ({
  parents: texts.map((_, i) => i - 1),
  texts,
  target: texts.map(() => 1),
  draft: texts.map(() => 1),
  path,
  next: '!',
  ms: 1,
})

test("accepted draft tokens are green, the model's own token is not", () => {
  const text = tinted({ text: ' blue sky!', trace: trace(['the', ' blue', ' red', ' sky'], [1, 3]) })
  assert.is(text, '\u001b[32m blue sky\u001b[39m!')
})

test('a text that is not that of its tokens stays as it is', () => {
  const guessed = trace(['the', ' blue'], [1])
  assert.is(tinted({ text: ' bl', trace: guessed }), ' bl', 'a stop text cut it')
  assert.is(tinted({ text: ' own', trace: trace(['the'], []) }), ' own')
  assert.is(tinted({ text: 'plain' }), 'plain')
})

test('remarks are dim', () => {
  assert.is(dim('a'), '\u001b[2ma\u001b[22m')
})

test.run()
