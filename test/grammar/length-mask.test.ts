/** Tokens that would break a length are masked, wherever they lie in the vocabulary. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Bounds } from '../../src/grammar/json-bounds.js'
import { JsonCounter, type Counter } from '../../src/grammar/json-counter.js'
import { LengthMask } from '../../src/grammar/length-mask.js'
import { tokenTable } from '../../src/grammar/token-table.js'

const TOKENS = ['"', 'a', 'abc', 'a"', 'abcd"', '\\u0041', '', '[', ',', ']', '1', '1,1', '"]']
const tokens = TOKENS.map((token) => Buffer.from(token))
const table = await tokenTable(
  Buffer.concat(tokens),
  Uint32Array.from(tokens, ({ length }) => length),
)
const NOTHING: Bounds = { text: null, items: null, firsts: [], rest: null, members: new Map(), others: null }

/** Tokens of the vocabulary that the mask leaves. */
function left(mask: LengthMask, row = new Float32Array(TOKENS.length)): string[] {
  mask.apply(row)
  return TOKENS.filter((_, token) => row[token] === 0)
}

const after = (bounds: Bounds, ...path: string[]): LengthMask => {
  const mask = new LengthMask(new JsonCounter(bounds), table)
  for (const token of path) mask.push(TOKENS.indexOf(token))
  return mask
}

test('in a string, tokens with more characters than there is room for cannot come', () => {
  const bounds = { ...NOTHING, text: { least: 0, most: 3 } }
  const gone = (mask: LengthMask): string[] => TOKENS.filter((token) => !left(mask).includes(token))
  assert.equal(gone(after(bounds, '"')), ['abcd"'])
  assert.equal(gone(after(bounds, '"', 'a', 'a')), ['abc', 'abcd"', '1,1'])
  assert.equal(left(after(bounds, '"', 'abc')), ['"', '', '"]'])
})

test('a string that is too short cannot be closed', () => {
  const mask = after({ ...NOTHING, text: { least: 2, most: 9 } }, '"')
  const open = left(mask)
  for (const token of ['"', 'a"', '"]']) assert.not(open.includes(token), token)
  for (const token of ['a', 'abc', 'abcd"']) assert.ok(open.includes(token), token)
})

test('outside of strings every token is tried: no comma beyond the last item, no end before the first', () => {
  const bounds = { ...NOTHING, items: { least: 2, most: 2 } }
  assert.not(left(after(bounds, '[', '1')).includes(']'))
  assert.ok(left(after(bounds, '[', '1')).includes(','))
  const full = left(after(bounds, '[', '1,1'))
  assert.ok(full.includes(']'))
  assert.not(full.includes(','))
})

test('going back restores what could come, and what the grammar masked stays masked', () => {
  const mask = after({ ...NOTHING, text: { least: 0, most: 3 } }, '"')
  const before = left(mask)
  mask.push(TOKENS.indexOf('abc'))
  mask.pop()
  assert.equal(left(mask), before)
  const row = new Float32Array(TOKENS.length).fill(-Infinity)
  assert.equal(left(mask, row), [])
})

test('where no token can break a bound none is looked at', () => {
  const idle: Counter = { push: () => false, copy: () => idle, become: () => idle, room: null, isIdle: true }
  assert.equal(left(new LengthMask(idle, table)), TOKENS)
})

test.run()
