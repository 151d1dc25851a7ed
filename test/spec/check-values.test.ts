import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { flag, integer, positive, real } from '../../src/spec/check-values.js'

/** What the check says, and that it names the field. */
function refusal(check: (param: string, value: unknown) => unknown, value: unknown): string {
  try {
    check('field', value)
  } catch (error) {
    assert.instance(error, InvalidArgumentError)
    assert.is((error as InvalidArgumentError).param, 'field')
    return (error as Error).message
  }
  return assert.unreachable(`${String(value)} was taken`) as never
}

const whole = (param: string, value: unknown): number => integer(param, value, 1, 8)
const share = (param: string, value: unknown): number => real(param, value, 0, 1)
const scale = (param: string, value: unknown): number => positive(param, value, 2)

test('values of a range are taken, its ends included, but for the 0 of what must be positive', () => {
  assert.equal([whole('n', 1), whole('n', 8), share('p', 0), share('p', 1), scale('s', 2)], [1, 8, 0, 1, 2])
  assert.is(scale('s', Number.MIN_VALUE), Number.MIN_VALUE)
  assert.equal([flag('f', true), flag('f', false)], [true, false])
})

test('whatever else is refused with the field, the range and what was given', () => {
  for (const value of [0, 9, 1.5, NaN, Infinity, '3', null, undefined])
    assert.match(refusal(whole, value), /^field must be a whole number from 1 to 8; got /)
  for (const value of [-0.1, 1.1, NaN, '0.5', null])
    assert.match(refusal(share, value), /^field must be a number from 0 to 1; got /)
  for (const value of [0, -1, 2.1, NaN, Infinity, '1'])
    assert.match(refusal(scale, value), /^field must be a number above 0 and at most 2; got /)
  for (const value of [0, 1, 'true', null, undefined])
    assert.match(refusal(flag, value), /^field must be true or false; got /)
  assert.ok(refusal(whole, '3').endsWith('got "3"'))
})

test.run()
