import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  InvalidArgumentError,
  ModelError,
  PullError,
  RuntimeError,
  SequoiaError,
  StorageError,
} from '../../src/spec/errors.js'

test('every class is a SequoiaError, goes by its own name and has its code', () => {
  const cause = new Error('why')
  const errors: [SequoiaError, string, string][] = [
    [new SequoiaError('overloaded', 'm', { cause }), 'SequoiaError', 'overloaded'],
    [new InvalidArgumentError('p', 'm', { cause }), 'InvalidArgumentError', 'invalid_argument'],
    [new ModelError('model_invalid', '/m', 'm', { cause }), 'ModelError', 'model_invalid'],
    [new StorageError('/m', 'm', { cause }), 'StorageError', 'storage_failed'],
    [new RuntimeError('m', { cause }), 'RuntimeError', 'runtime_failed'],
  ]
  for (const [error, name, code] of errors) {
    assert.instance(error, SequoiaError)
    assert.equal([error.name, error.code, error.message, error.cause], [name, code, 'm', cause])
  }
  const pull = new PullError('/m', 'm', { offline: true })
  assert.instance(pull, ModelError)
  assert.equal([pull.name, pull.code, pull.path, pull.offline], ['PullError', 'pull_failed', '/m', true])
})

test("what is for the engine's owner ends the message and is kept from clients", () => {
  const error = new InvalidArgumentError('n', 'ask for less', { forOwner: 'raise maxBatch' })
  assert.equal([error.message, error.forClient], ['ask for less, or raise maxBatch', 'ask for less'])
  const plain = new SequoiaError('closed', 'it is closed')
  assert.equal([plain.message, plain.forClient], ['it is closed', 'it is closed'])
})

test.run()
