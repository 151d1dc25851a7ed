import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bind, ofOne } from '../../../src/text/jinja/arguments.js'
import { TemplateError, type Value } from '../../../src/text/jinja/values.js'

const named = (values: Record<string, Value> = {}): ReadonlyMap<string, Value> => new Map(Object.entries(values))

test('arguments are bound by place and by name; None is given, nothing is not', () => {
  assert.equal(bind('f', ['a', 'b', 'c'], [1n, null], named({ c: 'x' })), [1n, null, 'x'])
  assert.equal(bind('f', ['a', 'b'], [], named({ b: 2n })), [undefined, 2n])
})

test('too many, unknown, doubled and missing ones are refused by name', () => {
  for (const [run, message] of [
    [() => bind('f', ['a'], [1n, 2n], named()), 'f() takes at most 1 arguments (2 given)'],
    [() => bind('f', ['a'], [], named({ b: 1n })), "f() got an unexpected keyword argument 'b'"],
    [() => bind('f', ['a'], [1n], named({ a: 1n })), "f() got multiple values for argument 'a'"],
    [() => bind('f', ['a', 'b'], [1n], named(), 2), "f() missing required argument: 'b'"],
    [() => ofOne('f', (value) => value)([], named()), "f() missing required argument: 'value'"],
  ] as const)
    assert.throws(run, (error: unknown) => error instanceof TemplateError && error.message === message)
})

test('a function of one value gets None where that is given', () => {
  assert.is(ofOne('f', (value) => value === null)([null], named()), true)
})

test.run()
