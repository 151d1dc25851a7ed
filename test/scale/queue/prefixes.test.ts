import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ChatMessage } from '../../../src/api/types.js'
import { prefixesOf } from '../../../src/scale/queue/prefixes.js'

const said = (role: 'user' | 'assistant', text: string): ChatMessage => ({ role, content: text.repeat(300) })
const TURNS = Array.from({ length: 40 }, (_, i) => said(i % 2 === 0 ? 'user' : 'assistant', String(i % 10)))

test("a conversation's next turn has the hash of the turn before, which others do not have", () => {
  const first = prefixesOf({ messages: TURNS.slice(0, 3) })
  const next = prefixesOf({ messages: TURNS.slice(0, 5) })
  assert.is(next.indexOf(first[0]), 2)
  const other = prefixesOf({ messages: [...TURNS.slice(0, 2), said('user', 'x')] })
  assert.is(other.indexOf(first[0]), -1)
  assert.is(other[1], first[1])
})

test('of a long conversation the first turn and the last ones count, longest first', () => {
  const all = prefixesOf({ messages: TURNS })
  assert.is(all.length, 24)
  assert.is(all[23], prefixesOf({ messages: TURNS.slice(0, 1) }).at(-1))
  assert.is(all[1], prefixesOf({ messages: TURNS.slice(0, 39) })[0])
})

test('tools are part of the beginning; a text is taken in blocks; what is short is nobody’s', () => {
  const tools = [{ name: 'f', parameters: {} }]
  assert.is.not(prefixesOf({ messages: TURNS.slice(0, 1), tools })[0], prefixesOf({ messages: TURNS.slice(0, 1) })[0])
  const text = 'abcdefghij'.repeat(120)
  assert.equal(prefixesOf({ prompt: text }).slice(1), prefixesOf({ prompt: text.slice(0, 999) }))
  assert.is(prefixesOf({ promptTokens: Array.from({ length: 400 }, (_, i) => i) }).length, 2)
  assert.equal(prefixesOf({ prompt: 'short' }), [])
})

test("a session's name goes before its texts", () => {
  const [own, ...texts] = prefixesOf({ messages: TURNS.slice(0, 2), session: 's' })
  assert.equal(texts, prefixesOf({ messages: TURNS.slice(0, 2) }))
  assert.equal(prefixesOf({ prompt: 'short', session: 's' }), [own])
})

test.run()
