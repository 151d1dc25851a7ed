/** What a request may give its chat template. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { templateInput } from '../../src/text/template-input.js'

const check = (given: unknown): object => templateInput('kwargs', given, (name) => name !== 'unread')

test('JSON values that the template reads are taken', () => {
  const given = { enable_thinking: false, effort: 'low', list: [1, { a: null }] }
  assert.equal(check(given), given)
})

test('anything else is refused by its place', () => {
  const cases: [unknown, string, RegExp][] = [
    [null, 'kwargs', /an object of JSON values; got null/],
    [[1], 'kwargs', /an object/],
    [{ unread: 1 }, 'kwargs.unread', /does not read it/],
    [{ messages: [] }, 'kwargs.messages', /every template is given/],
    [{ bos_token: 'x' }, 'kwargs.bos_token', /every template is given/],
    [{ now: () => 1 }, 'kwargs.now', /must be a JSON value/],
    [{ date: new Date(0) }, 'kwargs.date', /must be a JSON value/],
    [{ half: [NaN] }, 'kwargs.half', /must be a JSON value/],
  ]
  for (const [given, param, words] of cases)
    assert.throws(
      () => check(given),
      (error: unknown) => error instanceof InvalidArgumentError && error.param === param && words.test(error.message),
      param,
    )
})

test.run()
