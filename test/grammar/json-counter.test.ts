/** What a counter says of an answer, byte by byte: the place of the first byte that breaks a bound. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Bounds } from '../../src/grammar/json-bounds.js'
import { JsonCounter } from '../../src/grammar/json-counter.js'

const NOTHING: Bounds = { text: null, items: null, firsts: [], rest: null, members: new Map(), others: null }
const text = (least: number, most: number): Bounds => ({ ...NOTHING, text: { least, most } })

/** Index of the byte that breaks a bound; -1: none does. */
function breaksAt(bounds: Bounds | null, answer: string): number {
  const counter = new JsonCounter(bounds)
  return [...Buffer.from(answer)].findIndex((byte) => !counter.push(byte))
}

test('characters are counted, whatever bytes they have and however they are escaped', () => {
  for (const three of ['abc', 'é😀a', '\\n\\"\\\\', '\\u00e9\\ud83da', 'a\\u0041b']) {
    assert.is(breaksAt(text(3, 3), `"${three}"`), -1, three)
    assert.is.not(breaksAt(text(4, 9), `"${three}"`), -1, three)
    assert.is.not(breaksAt(text(0, 2), `"${three}"`), -1, three)
  }
})

test('a string breaks its bound where it becomes too long, or closes too soon', () => {
  assert.is(breaksAt(text(0, 2), '"abc"'), 3)
  assert.is(breaksAt(text(2, 9), '"a"'), 2)
})

test('items are counted in each list by itself, and the first needs no comma', () => {
  const inner: Bounds = { ...NOTHING, items: { least: 1, most: 2 } }
  const outer: Bounds = { ...NOTHING, items: { least: 0, most: 2 }, rest: inner }
  assert.is(breaksAt(outer, '[[1, "a,b"], [{"x": [1,2,3]}]]'), -1)
  assert.is(breaksAt(outer, '[]'), -1)
  assert.is(breaksAt(outer, '[[1,2,'), 5)
  assert.is(breaksAt(outer, '[[ ]'), 3)
  assert.is(breaksAt(outer, '[[1],[1],'), 8)
})

test('first places and all others have bounds of their own', () => {
  const bounds: Bounds = { ...NOTHING, firsts: [text(0, 1), null], rest: text(0, 2) }
  assert.is(breaksAt(bounds, '["a","abcdef","ab"]'), -1)
  assert.is(breaksAt(bounds, '["ab'), 3)
  assert.is(breaksAt(bounds, '["a","b","abc'), 12)
})

test('members have the bounds of their names, escaped or not; others have those of the rest', () => {
  const members = new Map([
    ['é"', text(0, 1)],
    ['free', null],
  ])
  const bounds: Bounds = { ...NOTHING, members, others: text(0, 2) }
  assert.is(breaksAt(bounds, '{"free":"abcdef","x":"ab","\\u00e9\\"":"a"}'), -1)
  assert.is(breaksAt(bounds, '{"é\\"":"ab'), Buffer.byteLength('{"é\\"":"a'))
  assert.is(breaksAt(bounds, '{"x":"abc'), 8)
})

test('room is what an open string can still take, and unknown outside of strings and inside escapes', () => {
  const counter = new JsonCounter({ ...NOTHING, members: new Map([['a', text(0, 3)]]) })
  const after = (more: string): number | null => {
    for (const byte of Buffer.from(more)) counter.push(byte)
    return counter.room
  }
  assert.is(after('{'), null)
  assert.is(after('"'), Infinity)
  assert.is(after('a":'), null)
  assert.is(after('"'), 3)
  assert.is(after('x'), 2)
  assert.is(after('\\'), null)
  assert.is(after('u0041'), 1)
  assert.is(after('y"'), null)
})

test('it is complete when the outermost list or object closes', () => {
  const counter = new JsonCounter(null)
  for (const byte of Buffer.from('{"a":[1,{}]')) {
    counter.push(byte)
    assert.not(counter.isComplete)
  }
  counter.push('}'.charCodeAt(0))
  assert.ok(counter.isComplete)
})

test('a copy goes its own way, and one counter can become another again', () => {
  const start = new JsonCounter(text(0, 2))
  start.push('"'.charCodeAt(0))
  const other = start.copy()
  for (const byte of Buffer.from('ab')) assert.ok(other.push(byte))
  assert.is(other.room, 0)
  assert.is(start.room, 2)
  other.become(start)
  assert.is(other.room, 2)
})

test.run()
