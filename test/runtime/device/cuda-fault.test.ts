import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { checksHere, cudaFault, type CudaChecks } from '../../../src/runtime/device/cuda-fault.js'
import { fakeApi } from '../fake-api.js'
import { tempFolder } from '../../support/temp-folder.js'

const folder = join(tempFolder(), 'lib')
mkdirSync(folder)
const library = join(folder, 'libonnxruntime.so.1')
writeFileSync(join(folder, 'libonnxruntime_providers_cuda.so'), '')
const gpu = { index: 0, name: 'A100', totalBytes: 8e10, freeBytes: 8e10 }
const WELL: CudaChecks = {
  platform: 'linux x64',
  nvidia: async () => ({ driver: '570', gpus: [gpu] }),
  library: () => library,
  tryProvider: async () => undefined,
}

test('a machine with all that it takes has no fault', async () => {
  assert.is(await cudaFault(0, WELL), null)
  assert.is(await cudaFault(0, { ...WELL, nvidia: async () => ({ driver: null, gpus: null }) }), null)
})

test('the first thing that is missing is named', async () => {
  const cases: [Partial<CudaChecks>, RegExp][] = [
    [{ platform: 'darwin arm64' }, /linux x64 alone, and this is darwin arm64/],
    [{ nvidia: async () => null }, /^no NVIDIA driver is loaded on this machine$/],
    [{ nvidia: async () => ({ driver: '570', gpus: [] }) }, /knows 0 GPUs, and number 0 is none/],
    [{ library: () => '/no/libonnxruntime.so' }, /no CUDA libraries here \("sequoia gpu install"/],
    [
      { tryProvider: () => Promise.reject(new Error('libcublas.so.13: no such file')) },
      /do not load: libcublas\.so\.13/,
    ],
  ]
  for (const [part, expected] of cases) assert.match((await cudaFault(0, { ...WELL, ...part }))!, expected)
})

test('trying the provider leaves no session options behind', async () => {
  const { api, living, last } = fakeApi()
  const checks = checksHere(
    async () => api,
    (_, options) => assert.is(living.get(options), 'CreateSessionOptions'),
  )
  await checks.tryProvider('lib')
  assert.ok(last.ReleaseSessionOptions)
  assert.is(living.size, 0)
})

test.run()
