/** Python's comparisons, where they differ from JavaScript's. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { contains, equals, identical, order } from '../../../src/text/jinja/compare.js'
import { toValue } from '../../../src/text/jinja/convert.js'
import {
  Dict,
  Markup,
  Range,
  TemplateError,
  Tuple,
  Undefined,
  View,
  type Value,
} from '../../../src/text/jinja/values.js'

test('numbers are equal by value, booleans among them; large whole numbers by all digits', () => {
  for (const [a, b] of [
    [1n, 1],
    [true, 1n],
    [false, 0],
    [2n ** 70n, 2 ** 70],
  ] as [Value, Value][])
    assert.ok(equals(a, b) && equals(b, a))
  assert.not(equals(2n ** 70n, 2n ** 70n + 1n))
  assert.not(equals(1n, '1') || equals(null, false) || equals('', null))
})

test('lists, tuples, ranges and dicts are equal to their own kind with equal parts', () => {
  assert.ok(equals([1n, [2n]], [1, [2]]))
  assert.not(equals([1n], new Tuple([1n])) || equals([1n], [1n, 2n]))
  assert.ok(equals(new Range(0, 5, 2), new Range(0, 6, 2)))
  assert.ok(
    equals(
      toValue({ a: 1, b: [2] }),
      new Dict([
        ['b', [2n]],
        ['a', 1],
      ]),
    ),
  )
  assert.not(equals(toValue({ a: 1 }), toValue({ a: 2 })) || equals(toValue({ a: 1 }), toValue({ b: 1 })))
  assert.ok(equals(new Undefined('x'), new Undefined('y')))
  assert.ok(equals(new Markup('a'), 'a'))
  assert.ok(equals(new View('dict_keys', ['a', 'b']), new View('dict_keys', ['b', 'a'])))
})

test('texts are ordered by code points, lists by their first difference', () => {
  assert.ok(order('\u{ff21}', '😀', '<') < 0)
  assert.ok(order([1n, 2n], [1n, 3n], '<') < 0)
  assert.ok(order([1n], [1n, 0n], '<') < 0)
  assert.ok(order(new Tuple([2n]), new Tuple([1n, 9n]), '<') > 0)
  assert.is(order([], [], '<'), 0)
  assert.ok(order(2n ** 70n, 2n ** 70n + 1n, '<') < 0)
  assert.ok(order(true, 0.5, '<') > 0)
})

test('types without an order are refused, with the operator and both types', () => {
  for (const [a, b, message] of [
    [1n, 'a', "'<' not supported between instances of 'int' and 'str'"],
    [null, 1n, "'<' not supported between instances of 'NoneType' and 'int'"],
    [[1n], ['a'], "'<' not supported between instances of 'int' and 'str'"],
    [[1n], new Tuple([1n]), "'<' not supported between instances of 'list' and 'tuple'"],
    [new Undefined('x is undefined'), 1n, 'x is undefined'],
  ] as [Value, Value, string][])
    assert.throws(
      () => order(a, b, '<'),
      (error: unknown) => error instanceof TemplateError && error.message === message,
    )
})

test('a text holds its parts, a dict its keys, a list what is equal', () => {
  assert.ok(contains('abc', 'bc') && contains('abc', ''))
  assert.ok(contains(toValue({ a: 1 }), 'a'))
  assert.not(contains(toValue({ a: 1 }), 1n))
  assert.ok(contains([1n, [2n]], [2]))
  assert.ok(contains(new Range(0, 9, 3), 6n))
  assert.not(contains(new Undefined('x'), 1n))
  assert.throws(() => contains('abc', 1n), /requires string as left operand, not int/)
  assert.throws(() => contains(5n, 1n), /argument of type 'int' is not iterable/)
  assert.throws(() => contains(toValue({}), [1n]), /unhashable type: 'list'/)
})

test('identical is one and the same value', () => {
  const list: Value = []
  assert.ok(identical(list, list) && identical(null, null) && identical(true, true))
  assert.not(identical(list, []) || identical(1n, true))
})

test.run()
