import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CPU } from '../../../src/runtime/binding/device.js'
import { Session } from '../../../src/runtime/binding/session.js'
import type { NamedTensor } from '../../../src/runtime/tensor.js'
import { fakeApi } from '../fake-api.js'

const WEIGHTS: NamedTensor[] = ['a', 'b'].map((name) => ({ name, type: 'int8', data: new Int8Array(2), dims: [2] }))

test('options and names are given back once a session is open, its weights when it is disposed of', async () => {
  const { api, living, calls, last } = fakeApi()
  const session = await Session.open(api, 'model.onnx', 3, WEIGHTS)
  assert.equal(last.CreateSession.slice(0, 2), [api.env, 'model.onnx'])
  assert.is(last.SetIntraOpNumThreads[1], 3)
  assert.is(calls.filter((name) => name === 'AddInitializer').length, 2)
  const made = [...living.values()].filter((name) => name.startsWith('CreateTensor') || name.endsWith('Options'))
  assert.equal(made, ['CreateTensorWithDataAsOrtValue', 'CreateTensorWithDataAsOrtValue'])
  const names = session.inputNames.length + session.outputNames.length
  assert.is(calls.filter((name) => name === 'AllocatorFree').length, names, 'each name’s text is freed')
  calls.length = 0
  session.dispose()
  assert.equal(calls, ['ReleaseValue', 'ReleaseValue'])
})

test('where a graph does not load, its reason is thrown and nothing is kept', async () => {
  for (const step of ['CreateSession', 'SetIntraOpNumThreads', 'AddInitializer']) {
    const { api, living, failures } = fakeApi()
    failures[step] = new Error(`${step} says no`)
    const failure: unknown = await Session.open(api, 'model.onnx', 1, WEIGHTS).catch((error: unknown) => error)
    assert.match(String(failure), `${step} says no`)
    assert.equal([...living.values()], [], step)
  }
})

test('the device has its say before the session is made', async () => {
  const { api, calls } = fakeApi()
  await Session.open(api, 'model.onnx', 1, [], { ...CPU, addTo: (_, options) => calls.push(`device of ${options}`) })
  const said = calls.findIndex((name) => name.startsWith('device of'))
  assert.ok(said > 0 && said < calls.indexOf('CreateSession'))
})

test('an allocator outlives the description that it was asked for by', async () => {
  const { api, living, last } = fakeApi()
  const session = await Session.open(api, 'model.onnx', 1)
  const allocator = session.allocator(['CudaPinned', 0, 1, 0])
  assert.equal(last.CreateMemoryInfo, ['CudaPinned', 0, 1, 0])
  assert.is(living.get(allocator), 'CreateAllocator')
  assert.not.ok([...living.values()].includes('CreateMemoryInfo'))
})

test.run()
