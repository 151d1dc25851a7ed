/** A grammar that waits for the end of the thinking, along the paths of a tree. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { AfterThinking } from '../../src/sampling/after-thinking.js'
import type { Processor } from '../../src/strategies/row-processor.js'
import type { ThinkingPlace } from '../../src/text/thinking.js'
import { noText } from './support/no-text.js'

const [OPEN, CLOSE, BLANK, WORD, STOP] = [0, 1, 2, 3, 4]
const tokenizer = { ...noText, bytes: (token: number) => Buffer.from(['<', '>', ' ', 'w', ''][token]) }

/** Allows nothing but the blank; `told`: what it stands behind. */
function waiting(place: ThinkingPlace) {
  const told: number[] = []
  const grammar: Processor = {
    push: (token) => void told.push(token),
    pop: () => void told.pop(),
    apply: (row) => void row.fill(-Infinity, 0, BLANK).fill(-Infinity, WORD),
  }
  const subject = new AfterThinking(grammar, { open: OPEN, close: CLOSE }, place, tokenizer, [STOP])
  const allowed = (): number[] => {
    const row = new Float32Array(5)
    subject.apply(row)
    return [...row.keys()].filter((token) => row[token] === 0)
  }
  return { subject, told, allowed }
}

test('before anything is said, thinking may begin or the answer, and nothing else', () => {
  assert.equal(waiting('before').allowed(), [OPEN, BLANK])
})

test('while it thinks all may come but an end, and the grammar hears of nothing', () => {
  const { subject, told, allowed } = waiting('inside')
  subject.push(WORD)
  assert.equal(allowed(), [OPEN, CLOSE, BLANK, WORD])
  assert.equal(told, [])
})

test('behind the thinking the grammar holds, from its beginning', () => {
  const { subject, told, allowed } = waiting('before')
  for (const token of [OPEN, WORD, CLOSE, BLANK]) subject.push(token)
  assert.equal(told, [BLANK])
  assert.equal(allowed(), [BLANK])
})

test('an answer without thinking keeps to the grammar from its first token', () => {
  const { subject, told, allowed } = waiting('before')
  subject.push(BLANK)
  assert.equal([told, allowed()], [[BLANK], [OPEN, BLANK]])
  subject.push(WORD)
  assert.equal([told, allowed()], [[BLANK, WORD], [BLANK]])
})

test('paths of a tree go back and on: every place has what plain decoding would have there', () => {
  const { subject, told, allowed } = waiting('before')
  const path = [BLANK, OPEN, WORD, CLOSE, BLANK]
  const seen = path.map((token) => {
    const before = [allowed(), [...told]]
    subject.push(token)
    return before
  })
  for (const token of path.toReversed()) {
    subject.pop(token)
    assert.equal([allowed(), told], seen.pop())
  }
})

test.run()
