/** Thinking told apart from the answer, token by token. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { AnswerText, type Thinking } from '../../src/engine/answer-text.js'
import type { ThinkingPlace } from '../../src/text/thinking.js'
import type { Tokenizer } from '../../src/text/text.js'

const TEXTS = ['<think>', '</think>', '\n', '\n\n', 'a', 'b', 'b\n']
const [OPEN, CLOSE, LINE, LINES, A, B, B_LINE] = TEXTS.keys()
const tokenizer: Tokenizer = {
  vocabSize: TEXTS.length,
  mostBytes: 8,
  encode: () => [],
  bytes: (token) => Buffer.from(TEXTS[token]),
  decode: () => '',
  idOf: () => undefined,
}

const thinking = (place: ThinkingPlace): Thinking => ({ marks: { open: OPEN, close: CLOSE }, place })

/** All that is said, the thinking between bars, and how many tokens it had. */
function said(given: Thinking | null, tokens: readonly number[], stops: string[] = []): [string, number] {
  const stream = new AnswerText(tokenizer, stops, given)
  const parts = [...tokens.map((token) => stream.push(token)), stream.end()]
  const words = parts.map(({ text, reasoning }) => (reasoning ? `|${reasoning}|` : '') + text)
  return [words.join('').replaceAll('||', ''), stream.thinkingTokens]
}

test('without thinking the marks are text like any other', () => {
  assert.equal(said(null, [OPEN, A, CLOSE, LINES, B]), ['<think>a</think>\n\nb', 0])
})

test('thinking is without its marks and the line ends around it', () => {
  assert.equal(said(thinking('before'), [OPEN, LINE, A, LINE, B_LINE, CLOSE, LINES, A, LINE, B]), ['|a\nb|a\nb', 6])
  assert.equal(said(thinking('inside'), [LINE, A, LINE, CLOSE, LINES, B]), ['|a|b', 4])
})

test('an answer that does not think is whole, its blanks too', () => {
  assert.equal(said(thinking('before'), [LINES, A, OPEN]), ['\n\na<think>', 0])
  assert.equal(said(thinking('after'), [LINES, A]), ['\n\na', 0])
  assert.equal(said(thinking('before'), [LINES]), ['\n\n', 0])
})

test('blanks ahead of the thinking are no text', () => {
  assert.equal(said(thinking('before'), [LINE, OPEN, A, CLOSE, B]), ['|a|b', 3])
})

test('an answer cut off while it thinks has no text', () => {
  assert.equal(said(thinking('inside'), [A, B_LINE]), ['|ab|', 2])
  const stream = new AnswerText(tokenizer, [], thinking('inside'))
  assert.equal(stream.push(LINE), { text: '', reasoning: '' }, 'it thinks, but says nothing yet')
})

test('stop strings end the answer, not the thinking', () => {
  assert.equal(said(thinking('inside'), [A, B, CLOSE, B, A], ['a']), ['|ab|b', 3])
})

test.run()
