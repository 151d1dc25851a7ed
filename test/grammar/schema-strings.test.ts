import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { lengthOf, stringExpression } from '../../src/grammar/schema-strings.js'
import type { Schema } from '../../src/grammar/schema-keywords.js'
import { matcher } from './support/expression.js'

const takes = (schema: Schema): ((text: string) => boolean) => matcher(stringExpression(schema, '#', true))

test('lengths are read where one is asked for', () => {
  assert.is(lengthOf({}, '#'), null)
  assert.equal(lengthOf({ minLength: 2 }, '#'), { least: 2, most: Infinity })
  assert.equal(lengthOf({ maxLength: 8192 }, '#'), { least: 0, most: 8192 })
})

test('the grammar counts a length only where it has to', () => {
  assert.is(stringExpression({}, '#', true), 'string')
  assert.is(stringExpression({ maxLength: 3 }, '#', false), 'string')
  const counted = takes({ minLength: 2, maxLength: 3 })
  assert.ok(counted('"ab"') && counted('"é😀a"'))
  assert.not(counted('"a"') || counted('"abcd"') || counted('ab'))
  assert.ok(takes({ minLength: 128 })(`"${'a'.repeat(500)}"`))
})

test('a pattern may match anywhere unless it says where, and is written as JSON escapes it', () => {
  const anywhere = takes({ pattern: 'b"' })
  assert.ok(anywhere('"ab\\"c"'))
  assert.not(anywhere('"ac"') || anywhere('"ab"c"'))
  const whole = takes({ pattern: '^b\\n$' })
  assert.ok(whole('"b\\n"'))
  assert.not(whole('"ab\\n"') || whole('"b\n"'))
})

test('a format is the whole string, a pattern beside it narrows it, and an unknown format leaves the pattern', () => {
  const date = takes({ format: 'date' })
  assert.ok(date('"2024-02-28"'))
  assert.not(date('"on 2024-02-28"'))
  const utc = takes({ format: 'time', pattern: '^.*Z$' })
  assert.ok(utc('"01:02:03Z"'))
  assert.not(utc('"01:02:03+00:00"'))
  assert.ok(takes({ format: 'nanoid', pattern: '^[a-z]{3}$' })('"abc"'))
})

test('what cannot be kept is refused by keyword and place', () => {
  const cases: [Schema, RegExp][] = [
    [{ minLength: 3, maxLength: 2 }, /at #: "minLength" is greater than "maxLength"/],
    [{ maxLength: 8193 }, /#\/maxLength: .* from 0 to 8192; got 8193/],
    [{ maxLength: 129 }, /#\/maxLength: "maxLength" above 128 is not supported where another alternative/],
    [{ minLength: 129 }, /#\/minLength: "minLength" above 128/],
    [{ pattern: 'a', maxLength: 3 }, /lengths beside "pattern"/],
    [{ format: 'email', minLength: 3 }, /lengths beside "format"/],
    [{ pattern: 5 }, /#\/pattern: "pattern" must be a string; got 5/],
    [{ pattern: '(' }, /#\/pattern: the pattern "\(" has a "\("/],
    [{ pattern: '\ud83d' }, /half a character/],
    [{ format: 'iri' }, /#\/format: the format "iri" is not supported; supported are date/],
    [{ format: 'date', pattern: '^a+$' }, /says something else than the format "date"/],
  ]
  for (const [schema, words] of cases)
    assert.throws(
      () => stringExpression(schema, '#', true),
      (error: unknown) => error instanceof InvalidArgumentError && words.test(error.message),
    )
})

test.run()
