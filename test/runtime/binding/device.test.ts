import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CPU, cuda, deviceAt, DEVICE_NAMES, DEVICES, partsOf } from '../../../src/runtime/binding/device.js'
import { RuntimeError } from '../../../src/spec/errors.js'
import { fakeApi } from '../fake-api.js'

const CUDA = cuda(1)

test('each device has its name; a GPU’s memory is apart, the CPU’s is any memory', () => {
  assert.equal(
    DEVICE_NAMES.map((name) => DEVICES[name](0).name),
    ['cpu', 'cuda'],
  )
  assert.equal([CPU.isApart, CPU.memory], [false, null])
  assert.equal([CUDA.isApart, CUDA.memory!.own[0], CUDA.memory!.host[0]], [true, 'Cuda', 'CudaPinned'])
})

test('a device is asked for by its kind, and of several by its number', () => {
  assert.equal(partsOf('cuda:3'), ['cuda', 3])
  assert.equal([deviceAt('cuda').memory!.own[2], deviceAt('cuda:3').memory!.own[2]], [0, 3])
  assert.is(deviceAt('cpu'), CPU)
})

test('on a CPU sessions are opened as they are', () => {
  const { api, calls } = fakeApi()
  CPU.addTo(api, 9n)
  assert.equal(calls, [])
})

test('on a GPU its provider is set and added, and its options are given back', () => {
  const { api, calls, living, last } = fakeApi()
  CUDA.addTo(api, 9n)
  assert.equal(calls, [
    'CreateCUDAProviderOptions',
    'UpdateCUDAProviderOptions',
    'SessionOptionsAppendExecutionProvider_CUDA_V2',
    'ReleaseCUDAProviderOptions',
  ])
  assert.is(last.SessionOptionsAppendExecutionProvider_CUDA_V2[0], 9n)
  assert.is(living.size, 0)
})

test('sessions whose passes are replayed say so to the provider, and no others do; a CPU has none', () => {
  const texts: string[] = []
  for (const device of [CUDA, CUDA.replaying!]) {
    const { api } = fakeApi()
    const address = api.address.bind(api)
    api.address = (view) => {
      if (!(view instanceof BigUint64Array)) texts.push(Buffer.from(view as Uint8Array).toString())
      return address(view)
    }
    device.addTo(api, 9n)
    texts.push('|')
  }
  const [fresh, replaying] = texts.join(' ').split('|')
  assert.is(fresh.includes('enable_cuda_graph'), false)
  assert.match(replaying, /device_id\0 .*enable_cuda_graph\0 1\0/)
  assert.equal([CPU.replaying, CUDA.replaying!.memory], [null, CUDA.memory])
})

for (const step of ['CreateCUDAProviderOptions', 'SessionOptionsAppendExecutionProvider_CUDA_V2'])
  test(`where ${step} fails, the error says why and what to do, and nothing is kept`, () => {
    const { api, failures, living } = fakeApi()
    failures[step] = new Error('no provider in this build')
    assert.throws(
      () => CUDA.addTo(api, 9n),
      (error: Error) =>
        error instanceof RuntimeError &&
        error.message.startsWith('device "cuda" cannot be had: no provider in this build') &&
        error.message.includes('docs/gpu.md'),
    )
    assert.is(living.size, 0)
  })

test.run()
