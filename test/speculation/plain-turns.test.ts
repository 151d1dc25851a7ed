import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PlainTurns } from '../../src/speculation/plain-turns.js'

/** What the next steps are where trees are to be had: P plain, T with trees. */
function steps(turns: PlainTurns, count: number): string {
  let kinds = ''
  for (let i = 0; i < count; i++) {
    const isPlain = turns.isDue
    turns.saw(isPlain, 1)
    kinds += isPlain ? 'P' : 'T'
  }
  return kinds
}

test('an engine begins with two plain steps, and has two more after every 100 with trees', () => {
  assert.is(steps(new PlainTurns(), 2 * 102), `PP${'T'.repeat(100)}`.repeat(2))
})

test('one that knows from another process what trees cost has its first plain steps later', () => {
  assert.is(steps(new PlainTurns(true), 50 + 102), `${'T'.repeat(50)}PP${'T'.repeat(100)}`)
})

test('of plain steps in a row all but the first tell what plain decoding costs, if as many shared it', () => {
  const turns = new PlainTurns()
  assert.not(turns.tells(2))
  turns.saw(true, 2)
  assert.ok(turns.tells(2))
  assert.not(turns.tells(3))
  turns.saw(false, 2)
  assert.not(turns.tells(2))
})

test.run()
