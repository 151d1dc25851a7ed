import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { toValue } from '../../../src/text/jinja/convert.js'
import { fixed, formatFields, percent } from '../../../src/text/jinja/format.js'
import { Tuple } from '../../../src/text/jinja/values.js'

test('conversions write texts, representations and numbers', () => {
  assert.is(percent('%s %r %d', new Tuple(['a', 'a', 7.9])), "a 'a' 7")
  assert.is(percent('%.2s|%5s|%-5s|', new Tuple(['abc', 'a', 'a'])), 'ab|    a|a    |')
  assert.is(percent('%05d|%+d|% d|%-4d|', new Tuple([-42n, 7n, 7n, 7n])), '-0042|+7| 7|7   |')
  assert.is(percent('%f %.1f %x %X', new Tuple([0.5, 2n, 255n, 255n])), '0.500000 2.0 ff FF')
  assert.is(percent('100%% %s', 'x'), '100% x')
  assert.is(percent('%(a)s-%(b)s', toValue({ a: 1, b: 'x' })), '1-x')
})

test('too few or too many values, and conversions that are not known, are refused', () => {
  assert.throws(() => percent('%s %s', 'a'), /not enough arguments/)
  assert.throws(() => percent('%s', new Tuple(['a', 'b'])), /not all arguments converted/)
  assert.throws(() => percent('x', 'a'), /not all arguments converted/)
  assert.throws(() => percent('%d', 'a'), /%d format: a number is required, not str/)
  assert.throws(() => percent('%e', 1.5), /conversion %e is not known/)
  assert.throws(() => percent('%#x', 1n), /flag "#"/)
})

test('halves that a double holds exactly go to the even digit', () => {
  for (const [value, digits, text] of [
    [0.5, 0, '0'],
    [1.5, 0, '2'],
    [2.5, 0, '2'],
    [-2.5, 0, '-2'],
    [0.125, 2, '0.12'],
    [0.375, 2, '0.38'],
    [2.675, 2, '2.67'],
    [1234.5678, 2, '1234.57'],
  ] as const)
    assert.is(fixed(value, digits), text, `${value}`)
})

test('fields are filled by turn, place and name', () => {
  const none = new Map()
  assert.is(formatFields('{} {}', ['a', 1n], none), 'a 1')
  assert.is(formatFields('{1}{0}{1}', ['a', 'b'], none), 'bab')
  assert.is(
    formatFields(
      '{x} {{}} {y}',
      [],
      new Map<string, bigint | number>([
        ['x', 1n],
        ['y', 2],
      ]),
    ),
    '1 {} 2.0',
  )
  assert.throws(() => formatFields('{}', [], none), /lacks the value of \{\}/)
  for (const text of ['{:>5}', '{a.b}', '{', '}'])
    assert.throws(() => formatFields(text, ['a'], none), /is not known here/, text)
})

test.run()
