/** Where answers think: marks, what prompts leave open, and how tokens go on from there. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { nextPlace, placeAfter, thinkingMarks, type ThinkingPlace } from '../../src/text/thinking.js'

const [TURN, OPEN, CLOSE, BLANK, WORD] = [0, 1, 2, 3, 4]
const texts = ['', '<think>', '</think>', '\n\n', 'word']
const marks = { open: OPEN, close: CLOSE }
const tokenizer = { bytes: (token: number) => Buffer.from(texts[token]) }

test('a model thinks where its template knows the mark and both marks are tokens', () => {
  const ids = new Map([
    ['<think>', OPEN],
    ['</think>', CLOSE],
  ])
  const template = "{{ m.content.split('</think>')[-1] }}"
  assert.equal(thinkingMarks(template, { idOf: (spelling) => ids.get(spelling) }), marks)
  assert.is(thinkingMarks('{{ m.content }}', { idOf: (spelling) => ids.get(spelling) }), null)
  assert.is(thinkingMarks(template, { idOf: (spelling) => (spelling === '<think>' ? OPEN : undefined) }), null)
})

test('the last turn of a prompt says where the answer begins, earlier ones do not', () => {
  const place = (...prompt: number[]): ThinkingPlace => placeAfter(prompt, marks, tokenizer)
  assert.is(place(TURN, WORD, TURN, WORD, BLANK), 'before')
  assert.is(place(TURN, WORD, TURN, WORD, OPEN, BLANK), 'inside')
  assert.is(place(TURN, WORD, TURN, OPEN, BLANK, CLOSE, BLANK), 'after')
  assert.is(place(TURN, OPEN, WORD, CLOSE, WORD, TURN, WORD), 'before')
  assert.is(place(), 'before')
})

test('thinking may begin behind blanks, ends with its mark, and does not come again', () => {
  const places = (first: ThinkingPlace, ...tokens: number[]): ThinkingPlace =>
    tokens.reduce((place, token) => nextPlace(place, token, marks, tokenizer), first)
  assert.is(places('before', BLANK, OPEN, WORD, OPEN), 'inside')
  assert.is(places('before', WORD, OPEN), 'after')
  assert.is(places('inside', WORD, CLOSE), 'after')
  assert.is(places('before', OPEN, CLOSE, OPEN), 'after')
  assert.is(places('before', TURN), 'after', 'what ends a turn is no blank')
})

test.run()
