/** Errors keep their class, code, field and both messages on the way to another thread. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { errorData, errorOfData } from '../../src/spec/error-data.js'
import { InvalidArgumentError, RuntimeError, SequoiaError } from '../../src/spec/errors.js'

const travelled = (error: unknown): SequoiaError => errorOfData(structuredClone(errorData(error)))

test('a wrong argument names its field, and what is for the owner stays apart from what is for clients', () => {
  const error = travelled(new InvalidArgumentError('tools', 'no tools here', { forOwner: 'open it otherwise' }))
  assert.instance(error, InvalidArgumentError)
  assert.is((error as InvalidArgumentError).param, 'tools')
  assert.is(error.message, 'no tools here, or open it otherwise')
  assert.is(error.forClient, 'no tools here')
})

test('other errors of ours keep their code', () => {
  const error = travelled(new SequoiaError('context_overflow', 'too long'))
  assert.equal([error.code, error.message], ['context_overflow', 'too long'])
})

test('an error of no class of ours is a failure of the runtime, with its words', () => {
  for (const thrown of [new RangeError('too deep'), 'too deep']) {
    const error = travelled(thrown)
    assert.instance(error, RuntimeError)
    assert.is(error.message, 'too deep')
  }
})

test.run()
