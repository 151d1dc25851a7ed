import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { anyObject, anySchema } from '../../src/serve/json-values.js'

test('an object is passed on as the very same, whatever it holds', () => {
  const object = Object.assign(Object.create(null), { b: 1, 1: { __proto__: null } })
  assert.is(anyObject.parse(object), object)
  assert.is(anySchema.parse(object), object)
})

test('a schema may be true or false, an object may not', () => {
  assert.equal([anySchema.parse(true), anySchema.parse(false)], [true, false])
  assert.not(anyObject.safeParse(true).success)
})

test('lists, null and plain values are neither', () => {
  for (const value of [[], null, 5, 'x', undefined]) {
    assert.not(anyObject.safeParse(value).success, String(value))
    assert.not(anySchema.safeParse(value).success, String(value))
  }
})

test.run()
