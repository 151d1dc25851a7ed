import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { tokenSplitter, spellingsPattern } from '../../src/text/specials.js'
import type { AddedToken } from '../../src/text/tokenizer-table.js'

const token = (id: number, content: string, strips: Partial<AddedToken> = {}): AddedToken => ({
  id,
  content,
  special: true,
  lstrip: false,
  rstrip: false,
  singleWord: false,
  normalized: false,
  ...strips,
})

test('text is split at spellings, in order, without empty runs', () => {
  const split = tokenSplitter([token(1, '<a>'), token(2, '<b>')])
  assert.equal(split('x<a><b> y<a>', true), ['x', 1, 2, ' y', 1])
  assert.equal(split('<a', true), ['<a'])
  assert.equal(split('', true), [])
})

test('at one place the longest spelling wins, and signs of patterns mean themselves', () => {
  const split = tokenSplitter([token(1, '|'), token(2, '||'), token(3, '[x].*')])
  assert.equal(split('|||[x].*[x]ab', true), [2, 1, 3, '[x]ab'])
})

test('tokens that strip take the white space beside them along', () => {
  const split = tokenSplitter([token(1, '<l>', { lstrip: true }), token(2, '<r>', { rstrip: true })])
  assert.equal(split('a \n<l> b <r>  c', true), ['a', 1, ' b ', 2, 'c'])
  assert.equal(split('<r>  <l> ', true), [2, 1, ' '])
})

test('a token in the white space that another takes along stands all the same', () => {
  const split = tokenSplitter([token(1, '<r>', { rstrip: true }), token(2, '\n\n')])
  assert.equal(split('<r> \n\n a', true), [1, 2, ' a'])
})

test('special tokens stay text unless they are to be parsed, and what is in them is not looked for', () => {
  const split = tokenSplitter([token(1, '<end>'), token(2, 'end', { special: false })])
  assert.equal(split('<end> end', false), ['<end> ', 2])
  assert.equal(split('<end> end', true), [1, ' ', 2])
})

test('a token for a single word has no letter, digit or mark beside it', () => {
  const split = tokenSplitter([token(1, 'fox', { singleWord: true })])
  assert.equal(split('fox, fox', true), [1, ', ', 1])
  for (const text of ['foxes', 'éfox', 'fox_', '1fox', 'fox\u0301']) assert.equal(split(text, true), [text])
})

test('no spellings match nothing', () => {
  assert.equal(tokenSplitter([])('a<b>', true), ['a<b>'])
  assert.is('ab'.replace(spellingsPattern([]), 'x'), 'ab')
})

test.run()
