import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { checkAdapter, checkPrefix, type AdapterOptions } from '../../adapters/options.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { scriptedEngine } from '../support/scripted-engine.js'

const engine = scriptedEngine()

test('defaults are filled in', () => {
  const { maxBodyBytes, errors, models, gateway } = checkAdapter({ engine })
  assert.equal([maxBodyBytes, errors, models], [4 * 2 ** 20, 'answer', 'yield'])
  assert.is(gateway.engine, engine)
})

test('a wrong or unknown option is refused by name', () => {
  for (const [name, value] of Object.entries({
    engine: Promise.resolve(engine),
    maxBodyBytes: 0.5,
    errors: 'throw',
    models: 'ours',
    prefix: '/v1',
    cors: true,
  }))
    assert.throws(
      () => checkAdapter({ engine, [name]: value } as AdapterOptions),
      (error: unknown) => error instanceof InvalidArgumentError && error.param === name,
      name,
    )
})

test('a prefix is a path; a slash at its end does not matter', () => {
  assert.equal([undefined, '/v1/', '/', '/a/b'].map(checkPrefix), ['/v1', '/v1', '', '/a/b'])
  for (const prefix of ['v1', '/v1?x', '//', 'http://x/v1', 5 as unknown as string])
    assert.throws(
      () => checkPrefix(prefix),
      (error: unknown) => error instanceof InvalidArgumentError,
    )
})

test.run()
