import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { lines, split, strip } from '../../../src/text/jinja/cut-text.js'

test('white space or given characters are taken away, at either end', () => {
  assert.is(strip(' \t a b \u2028\n', undefined), 'a b')
  assert.is(strip(' a ', null, 'start'), 'a ')
  assert.is(strip(' a ', null, 'end'), ' a')
  assert.is(strip('xyaxyx', 'yx'), 'a')
  assert.is(strip('😀a😀', '😀', 'end'), '😀a')
  assert.is(strip('xx', 'x'), '')
  assert.is(strip('\ufeffa', null), '\ufeffa')
})

test('by a separator, from either side, a limit leaves the rest whole', () => {
  assert.equal(split('a,b,,c', ',', undefined, false), ['a', 'b', '', 'c'])
  assert.equal(split('a,b,c', ',', 1n, false), ['a', 'b,c'])
  assert.equal(split('a,b,c', ',', 1n, true), ['a,b', 'c'])
  assert.equal(split('a,b', ',', 0n, false), ['a,b'])
  assert.equal(split('', ',', undefined, false), [''])
  assert.throws(() => split('a', '', undefined, false), /empty separator/)
  assert.throws(() => split('a', 1n, undefined, false), /must be str, not int/)
})

test('between white space there are no empty parts; what a limit leaves keeps its own', () => {
  assert.equal(split(' a  b ', undefined, undefined, false), ['a', 'b'])
  assert.equal(split('  ', null, undefined, false), [])
  assert.equal(split(' a  b c ', null, 1n, false), ['a', 'b c '])
  assert.equal(split(' a  b c ', null, 1n, true), [' a  b', 'c'])
  assert.equal(split(' a b ', null, 9n, false), ['a', 'b'])
  assert.equal(split(' a b ', null, 0n, false), ['a b '])
})

test("lines end with each of Python's ends, and the last needs none", () => {
  assert.equal(lines('a\nb\r\nc\rd\u2028e\x1cf'), ['a', 'b', 'c', 'd', 'e', 'f'])
  assert.equal(lines('a\n\nb\n'), ['a', '', 'b'])
  assert.equal(lines('a\r\nb', true), ['a\r\n', 'b'])
  assert.equal(lines(''), [])
})

test.run()
