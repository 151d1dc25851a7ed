import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { NumberText } from '../../src/common/json/index.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { numericExpression } from '../../src/grammar/schema-numbers.js'
import type { Schema } from '../../src/grammar/schema-keywords.js'
import { matcher } from './support/expression.js'

const taken = (type: 'integer' | 'number', schema: Schema, texts: readonly string[]): string[] =>
  texts.filter(matcher(numericExpression(type, schema, '#'), { number: '"n"' }))

test('the narrowest of several bounds holds', () => {
  const texts = ['1', '2', '3', '4', '5', '6']
  assert.equal(taken('integer', { minimum: 2, exclusiveMinimum: 3, maximum: 9, exclusiveMaximum: 6 }, texts), [
    '4',
    '5',
  ])
  const decimals = ['1.9', '2', '2.5', '3']
  assert.equal(taken('number', { minimum: 2, exclusiveMinimum: 2, maximum: 3 }, decimals), ['2.5', '3'])
})

test('whole numbers keep to decimal bounds', () => {
  const texts = ['-2', '-1', '0', '1', '2']
  assert.equal(taken('integer', { minimum: -1.5, maximum: 1.5 }, texts), ['-1', '0', '1'])
  assert.equal(taken('integer', { exclusiveMinimum: -1, exclusiveMaximum: 0.5 }, texts), ['0'])
  assert.equal(taken('integer', { minimum: -0.5, maximum: 0 }, texts), ['0'])
})

test('a bound beyond all numbers that are written does not limit, and without any the common rule stands', () => {
  assert.is(numericExpression('number', {}, '#'), 'number')
  assert.equal(taken('number', { minimum: -3.4e38, maximum: 2 }, ['-5', '2', '3']), ['-5', '2'])
  assert.equal(taken('integer', { maximum: new NumberText('1e400') }, ['7', '-7']), ['7', '-7'])
})

test('bounds that no number meets, or that cannot be kept, are refused by place', () => {
  const cases: ['integer' | 'number', Schema, RegExp][] = [
    ['integer', { minimum: 2, maximum: 1 }, /at #: no number lies/],
    ['integer', { exclusiveMinimum: 1, exclusiveMaximum: 2 }, /no number lies/],
    ['integer', { minimum: 1.2, maximum: 1.8 }, /no number lies/],
    ['number', { exclusiveMinimum: 1, maximum: 1 }, /no number lies/],
    ['number', { minimum: '2' }, /#\/minimum: "minimum" must be a number; got "2"/],
    ['number', { minimum: 1e16 }, /#\/minimum: "minimum" must lie between -1e15 and 1e15/],
    ['number', { exclusiveMaximum: -1e16 }, /#\/exclusiveMaximum/],
    ['number', { minimum: 1.5e-17 }, /15 decimals at most; got 1.5e-17/],
  ]
  for (const [type, schema, words] of cases)
    assert.throws(
      () => numericExpression(type, schema, '#'),
      (error: unknown) => error instanceof InvalidArgumentError && words.test(error.message),
    )
})

test.run()
