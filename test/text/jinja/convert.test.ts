import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { toValue, valueOfJson } from '../../../src/text/jinja/convert.js'
import { Dict, Tuple, type Value } from '../../../src/text/jinja/values.js'

const entries = (value: Value): (readonly [Value, Value])[] => (value instanceof Dict ? value.entries() : [])

test('numbers without a fraction are whole, and what is not given is None', () => {
  assert.equal(toValue([1, 1.5, -0, 2n, true, null, undefined]), [1n, 1.5, 0n, 2n, true, null, null])
})

test('members keep their order, and those that are undefined are left out', () => {
  assert.equal(entries(toValue({ b: 1, a: undefined, c: 'x' })), [
    ['b', 1n],
    ['c', 'x'],
  ])
})

test('every text is changed, in dicts that are values already too; all else of those stays', () => {
  const upper = (text: string): string => text.toUpperCase()
  const dict = new Dict([
    ['key', ['text', 1n, new Dict([[1n, 'inner']])]],
    ['pair', new Tuple(['kept'])],
  ])
  const [[key, list], [, pair]] = entries(toValue({ given: dict }, upper)).flatMap(([, value]) => entries(value))
  assert.is(key, 'KEY')
  assert.ok(Array.isArray(list))
  assert.equal(list.slice(0, 2), ['TEXT', 1n])
  assert.equal(entries(list[2]), [[1n, 'INNER']])
  assert.is(pair, dict.get('pair'))
})

test('JSON keeps the order of names that are numbers, and whether a number is whole', () => {
  assert.equal(entries(valueOfJson('{"2": 1, "1": 1.0, "x": 1e2, "y": 12345678901234567890, "z": -0}')), [
    ['2', 1n],
    ['1', 1],
    ['x', 100],
    ['y', 12345678901234567890n],
    ['z', 0n],
  ])
  assert.throws(() => valueOfJson('{'), SyntaxError)
})

test.run()
