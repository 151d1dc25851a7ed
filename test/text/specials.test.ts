import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { specialSplitter, spellingsPattern } from '../../src/text/specials.js'
import type { AddedToken } from '../../src/text/tokenizer-table.js'

const token = (id: number, content: string, strips: Partial<AddedToken> = {}): AddedToken => ({
  id,
  content,
  special: true,
  lstrip: false,
  rstrip: false,
  ...strips,
})

test('text is split at spellings, in order, without empty runs', () => {
  const split = specialSplitter([token(1, '<a>'), token(2, '<b>')])
  assert.equal(split('x<a><b> y<a>'), ['x', 1, 2, ' y', 1])
  assert.equal(split('<a'), ['<a'])
  assert.equal(split(''), [])
})

test('at one place the longest spelling wins, and signs of patterns mean themselves', () => {
  const split = specialSplitter([token(1, '|'), token(2, '||'), token(3, '[x].*')])
  assert.equal(split('|||[x].*[x]ab'), [2, 1, 3, '[x]ab'])
})

test('tokens that strip take the white space beside them along', () => {
  const split = specialSplitter([token(1, '<l>', { lstrip: true }), token(2, '<r>', { rstrip: true })])
  assert.equal(split('a \n<l> b <r>  c'), ['a', 1, ' b ', 2, 'c'])
  assert.equal(split('<r>  <l> '), [2, 1, ' '])
})

test('no spellings match nothing', () => {
  assert.equal(specialSplitter([])('a<b>'), ['a<b>'])
  assert.is('ab'.replace(spellingsPattern([]), 'x'), 'ab')
})

test.run()
