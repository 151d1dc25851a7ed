/** Python's values: what they are called, what is true, how long they are, and what is one key of a dict. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  asIndex,
  asText,
  codePoints,
  Dict,
  hash,
  isTrue,
  iterate,
  lengthOf,
  Markup,
  Native,
  orElse,
  Range,
  Stream,
  TemplateError,
  Tuple,
  typeName,
  Undefined,
  View,
  type Value,
} from '../../../src/text/jinja/values.js'

const gone = new Undefined('gone')

/** Value, its type's name, whether it is true, its length (null: it has none). */
const VALUES: [Value, string, boolean, number | null][] = [
  [null, 'NoneType', false, null],
  [false, 'bool', false, null],
  [0n, 'int', false, null],
  [0.5, 'float', true, null],
  ['', 'str', false, 0],
  ['😀a', 'str', true, 2],
  [[], 'list', false, 0],
  [new Tuple([0n]), 'tuple', true, 1],
  [new Dict(), 'dict', false, 0],
  [gone, 'Undefined', false, 0],
  [new Stream([]), 'generator', true, null],
  [new View('dict_keys', []), 'dict_keys', false, 0],
  [new Range(0, 7, 3), 'range', true, 3],
  [new Range(5, 0, 1), 'range', false, 0],
  [new Markup('😀'), 'Markup', true, 1],
  [new Native('Macro', {}), 'Macro', true, null],
]

test('each value has the name, the truth and the length that Python gives it', () => {
  for (const [value, name, truth, length] of VALUES) {
    assert.is(typeName(value), name)
    assert.is(isTrue(value), truth, name)
    if (length === null) assert.throws(() => lengthOf(value), new RegExp(`object of type '${name}' has no len\\(\\)`))
    else assert.is(lengthOf(value), length, name)
  }
})

test('a dict has one key for 1, 1.0 and True, which keeps its place and its spelling', () => {
  const dict = new Dict([
    [1n, 'a'],
    ['x', 'b'],
    [1, 'c'],
    [true, 'd'],
  ])
  assert.equal(dict.entries(), [
    [1n, 'd'],
    ['x', 'b'],
  ])
  assert.is(dict.get(1), 'd')
  assert.not(dict.has('1') || dict.has(1.5))
})

test('keys of other types or parts are others; values that change are none', () => {
  const keys: Value[] = ['none', null, '1', 1n, 1.5, new Tuple([1n, 'a']), new Tuple([new Tuple([1n]), 'a']), gone]
  assert.is(new Set(keys.map(hash)).size, keys.length)
  assert.is(hash(new Tuple([1n])), hash(new Tuple([true])))
  assert.throws(() => hash([1n]), /unhashable type: 'list'/)
  assert.throws(() => hash(new Tuple([new Dict()])), /unhashable type: 'dict'/)
})

test('ranges count up or down to before their end', () => {
  assert.equal(new Range(1, 7, 2).items, [1n, 3n, 5n])
  assert.equal(new Range(5, 0, -2).items, [5n, 3n, 1n])
})

test('a stream is read once', () => {
  const stream = new Stream([1n, 2n, 3n])
  for (const item of iterate(stream)) {
    assert.is(item, 1n)
    break
  }
  assert.equal([...iterate(stream)], [2n, 3n])
  assert.equal([...iterate(stream)], [])
})

test('characters are code points, dicts are gone through by their keys, numbers not at all', () => {
  assert.equal([...iterate('a😀')], ['a', '😀'])
  assert.equal([...codePoints('a😀')], ['a', '😀'])
  assert.equal([...iterate(new Dict([['k', 1n]]))], ['k'])
  assert.equal([...iterate(gone)], [])
  assert.throws(() => iterate(5n), /'int' object is not iterable/)
})

test('indices are whole numbers, texts are texts', () => {
  assert.is(asIndex(true), 1)
  assert.throws(() => asIndex(1), /'float' object cannot be interpreted as an integer/)
  assert.throws(
    () => asText(1n, 'the separator'),
    (error: unknown) => error instanceof TemplateError && error.message === 'the separator must be str, not int',
  )
})

test('None is a value that was found, nothing is not', () => {
  assert.is(
    orElse(null, () => 1n),
    null,
  )
  assert.is(
    orElse(undefined, () => 1n),
    1n,
  )
})

test.run()
