import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Metadata } from '../../../src/checkpoint/gguf/metadata.js'
import { ModelError } from '../../../src/spec/errors.js'

const metadata = new Metadata('a.gguf', {
  'a.number': 1.5,
  'a.count': 3n,
  'a.text': 'x',
  'a.flag': false,
  'a.texts': ['x', 'y'],
  'a.numbers': [1, 2],
  'b.count': 7n,
})

test('each key is read as the kind that is asked for, 64-bit integers as numbers', () => {
  assert.is(metadata.number('a.number'), 1.5)
  assert.is(metadata.count('a.count'), 3)
  assert.is(metadata.string('a.text'), 'x')
  assert.is(metadata.boolean('a.flag', true), false)
  assert.equal(metadata.strings('a.texts'), ['x', 'y'])
  assert.equal(metadata.numbers('a.numbers'), [1, 2])
  assert.equal(metadata.under('b.'), { 'b.count': 7 })
})

test('what is left out is what the caller says instead, or an error that names the key', () => {
  assert.is(metadata.number('c', 2), 2)
  assert.is(metadata.boolean('c', true), true)
  assert.not.ok(metadata.has('c') || metadata.has('toString'))
  for (const key of ['c', 'toString'])
    assert.throws(() => metadata.string(key), new RegExp(`a.gguf lacks the metadata "${key}"`))
})

test('a key of another kind is an error that says what it holds and what was expected', () => {
  const refused: [() => unknown, RegExp][] = [
    [() => metadata.number('a.text'), /a.gguf has "x" as metadata "a.text"; expected a number/],
    [() => metadata.count('a.number'), /has 1.5 as .*; expected a whole number above 0/],
    [() => metadata.string('a.count'), /has 3 as .*; expected text/],
    [() => metadata.boolean('a.text', true), /expected true or false/],
    [() => metadata.strings('a.numbers'), /has a list of 2 as .*; expected a list of text/],
    [() => metadata.numbers('a.texts'), /expected a list of numbers/],
  ]
  for (const [read, message] of refused)
    assert.throws(read, (error: unknown) => error instanceof ModelError && message.test(error.message))
})

test.run()
