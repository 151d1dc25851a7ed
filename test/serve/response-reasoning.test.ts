/** Thinking as an item of a response. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { reasoningEvents, reasoningItem } from '../../src/serve/response-reasoning.js'

const word = (type: string, content: object): { type: string; sequence_number: number } => ({
  type,
  sequence_number: 0,
  ...content,
})

test('nothing thought is no item and no event', () => {
  const thinking = reasoningEvents('rs_1', word)
  assert.equal([...thinking.end()], [])
  assert.is(thinking.items, 0)
})

test('what is thought opens the item once, and its end has the whole', () => {
  const thinking = reasoningEvents('rs_1', word)
  assert.is([...thinking.more('I ')].length, 3)
  assert.is([...thinking.more('see')].length, 1)
  const last = [...thinking.end()].at(-1) as unknown as { item: object }
  assert.equal(last.item, reasoningItem('rs_1', 'completed', 'I see'))
  assert.equal([thinking.items, thinking.text], [1, 'I see'])
})

test.run()
