import { test } from 'uvu'
import * as assert from 'uvu/assert'
import * as z from 'zod'
import { parseJson } from '../../src/common/json/index.js'
import { ApiError } from '../../src/serve/api-error.js'
import { firstFault, validate } from '../../src/serve/validate.js'

const schema = z.strictObject({
  count: z.int().min(1).max(9).optional(),
  mode: z.enum(['a', 'b']).optional(),
  parts: z.array(z.union([z.string(), z.strictObject({ text: z.string() })])).optional(),
})
const refused = {
  gone: { nothing: z.literal(false), asksNothing: (value: unknown) => value === false, why: 'it went' },
}

function refusal(text: string): [string | null, string | null, string] {
  try {
    validate(schema, refused, parseJson(text))
  } catch (error) {
    if (error instanceof ApiError) return [error.param, error.code, error.message]
    throw error
  }
  throw new Error('nothing was refused')
}

test('honoured fields come back; those without effect, nulls and refused ones that ask for nothing are dropped', () => {
  const body = { count: 3, mode: null, user: { any: 'thing' }, gone: false, parts: ['x', { text: 'y' }] }
  assert.equal(validate(schema, refused, body), { count: 3, parts: ['x', { text: 'y' }] })
})

test('the first fault is named with its place, what was expected, and the value as it came', () => {
  assert.equal(refusal('{"count":1e400}'), ['count', 'invalid_type', 'count must be a number; got 1e400'])
  assert.equal(refusal('{"count":77}'), ['count', 'invalid_value', 'count must be at most 9; got 77'])
  assert.equal(refusal('{"mode":"c"}'), ['mode', 'invalid_value', 'mode must be "a" or "b"; got "c"'])
  assert.equal(refusal('{"parts":["x",{"text":5}]}'), [
    'parts[1].text',
    'invalid_type',
    'parts[1].text must be a string; got 5',
  ])
  assert.equal(refusal('{"parts":[{"text":"x","extra":1}]}').slice(0, 2), ['parts[0].extra', 'unknown_parameter'])
  assert.equal(refusal('{"gone":1}'), [
    'gone',
    'unsupported_parameter',
    'gone is not supported: it went. Got 1; leave it out',
  ])
  assert.equal(refusal('[1]').slice(0, 2), [null, 'invalid_type'])
})

test('other schemas may be held against values too', () => {
  assert.is(firstFault(schema, { count: 3 }), null)
  assert.is(firstFault(schema, { count: 'x' })!.message, 'count must be a number; got "x"')
})

test.run()
