import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ApiError, modelNotFound, toApiError } from '../../src/serve/api-error.js'
import { wireWords } from '../../src/serve/wire-names.js'
import { InvalidArgumentError, RuntimeError, SequoiaError } from '../../src/spec/errors.js'

test('what only the owner of the engine can do is not told to clients', () => {
  const error = new InvalidArgumentError('tools', 'tools cannot be used; leave them out', {
    forOwner: 'set toolPrompt',
  })
  assert.match(error.message, /, or set toolPrompt$/)
  assert.is(toApiError(error, wireWords('chat', {})).message, 'tools cannot be used; leave them out')
})

test('a prompt that does not fit is named as the endpoint calls it', () => {
  const error = new SequoiaError('context_overflow', 'too long')
  assert.is(toApiError(error, wireWords('chat', {})).param, 'messages')
  assert.is(toApiError(error, wireWords('completions', {})).param, 'prompt')
  assert.is(toApiError(error, wireWords('responses', {})).param, 'input')
})

test('what is not the client is a plain 500', () => {
  for (const thrown of [new RuntimeError('/srv/secret'), new TypeError('x'), 'x', null]) {
    const { status, body } = toApiError(thrown)
    assert.is(status, 500)
    assert.not.match(JSON.stringify(body), /secret/)
  }
})

test('no message is longer than a thousand characters and a bit', () => {
  assert.ok(new ApiError(400, 'invalid_value', 'x'.repeat(1e6)).message.length < 1010)
  const long = new InvalidArgumentError('topK', `topK "${'\\"'.repeat(1e6)}`)
  assert.ok(toApiError(long, wireWords('chat', {})).message.length < 1010)
  assert.ok(modelNotFound('x'.repeat(1e6), Array(1e4).fill('name')).message.length < 1010)
})

test('clients are told when to come again, and when not to', () => {
  assert.equal(new ApiError(429, null, 'x').headers, { 'retry-after': '1' })
  assert.equal(new ApiError(504, null, 'x').headers, { 'x-should-retry': 'false' })
  assert.equal(new ApiError(400, null, 'x').headers, {})
})

test.run()
