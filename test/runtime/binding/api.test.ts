// @process native
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadOrtApi } from '../../../src/runtime/binding/api.js'
import { RuntimeError } from '../../../src/spec/errors.js'

const api = await loadOrtApi()

test('a process has one library, of a version that has what is asked of it', async () => {
  assert.is(await loadOrtApi(), api)
  const [major, minor] = api.version.split('.').map(Number)
  assert.ok(major > 1 || minor >= 24, api.version)
})

test('a status is a runtime error in ONNX Runtime’s words, at once and from a worker thread', async () => {
  const options = api.create('CreateSessionOptions', [])
  const out = new BigUint64Array(1)
  const message = (error: unknown): boolean =>
    error instanceof RuntimeError && /^ONNX Runtime: .*nowhere\.onnx/s.test(error.message)
  assert.throws(() => api.call('CreateSession', api.env, 'nowhere.onnx', options, out), message)
  const failure: unknown = await api
    .callAsync('CreateSession', api.env, 'nowhere.onnx', options, api.address(out))
    .catch((error: unknown) => error)
  assert.ok(message(failure))
  api.release('ReleaseSessionOptions', options)
})

test('memory of ours has an address, and what lies there is read and viewed', () => {
  const bytes = Buffer.from('names\0')
  const address = api.address(bytes)
  assert.is(api.readString(address), 'names')
  new Uint8Array(api.view(address, 1))[0] = 'g'.charCodeAt(0)
  assert.is(bytes.toString('utf8', 0, 5), 'games')
})

test('null is released without a word', () => {
  api.release('ReleaseValue', 0n)
})

test.run()
