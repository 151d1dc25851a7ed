/** Errors as they travel from a worker to whoever asked. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { errorFromWire, errorToWire } from '../../../src/scale/queue/wire.js'
import { InvalidArgumentError, RuntimeError, SequoiaError } from '../../../src/spec/errors.js'

const onTheOtherSide = (error: unknown): Error => errorFromWire(JSON.parse(JSON.stringify(errorToWire(error))))

test('who asked is told what it can do, not what the owner of the worker could', () => {
  const error = onTheOtherSide(
    new SequoiaError('overloaded', 'the queue is full; try later', { forOwner: 'raise maxQueue' }),
  )
  assert.instance(error, SequoiaError)
  assert.equal([(error as SequoiaError).code, error.message], ['overloaded', 'the queue is full; try later'])
})

test('a refused field keeps its name', () => {
  const error = onTheOtherSide(new InvalidArgumentError('seed', 'seed must be a number'))
  assert.instance(error, InvalidArgumentError)
  assert.equal([(error as InvalidArgumentError).param, error.message], ['seed', 'seed must be a number'])
})

test('what is none of our errors is a failure of the worker', () => {
  for (const thrown of [new TypeError('x is undefined'), 'x is undefined']) {
    const error = onTheOtherSide(thrown)
    assert.instance(error, RuntimeError)
    assert.is(error.message, 'x is undefined')
  }
})

test.run()
