/** Keys beside named ones: any but those, in whatever way a name could be spelled. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { otherKeys } from '../../src/grammar/json-keys.js'
import { matcher } from './support/expression.js'

function keysBeside(...names: string[]): (text: string) => boolean {
  const rules: Record<string, string> = {}
  let count = 0
  const expression = otherKeys(names, '#', (rule) => {
    const name = `k${count++}`
    rules[name] = rule
    return name
  })
  return matcher(expression, rules)
}

test('without names any key without escapes may come', () => {
  const takes = keysBeside()
  for (const key of ['', 'a', 'é😀']) assert.ok(takes(`"${key}"`), key)
  for (const text of ['a', '"a', '"\\u0061"', '"a"b"']) assert.not(takes(text), text)
})

test('named keys cannot come; their beginnings and what goes on after them can', () => {
  const takes = keysBeside('a', 'abc', 'über', 'x y')
  for (const key of ['a', 'abc', 'über', 'x y']) assert.not(takes(`"${key}"`), key)
  for (const key of ['', 'ab', 'abcd', 'b', 'ax', 'üb', 'x']) assert.ok(takes(`"${key}"`), key)
})

test('the empty name can be named as well', () => {
  const takes = keysBeside('')
  assert.not(takes('""'))
  assert.ok(takes('"a"'))
})

test('a name that JSON escapes needs no rules: keys have no escapes', () => {
  assert.ok(keysBeside('say "x"')('"say x"'))
})

test('names may have 256 characters', () => {
  assert.not(keysBeside('n'.repeat(256))(`"${'n'.repeat(256)}"`))
  assert.throws(
    () => keysBeside('n'.repeat(257)),
    (error: unknown) =>
      error instanceof InvalidArgumentError && /at #\/properties: .* is longer than 256 characters/.test(error.message),
  )
})

test.run()
