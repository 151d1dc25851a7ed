import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Progress } from '../../src/common/progress.js'
import { DEVICES } from '../../src/runtime/binding/device.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { STAND_IN } from '../support/stand-in-device.js'
import { deviceAddress, isDevice, withDevice } from '../../src/open/choose-device.js'

test('a device is cpu, cuda, or a GPU by its number; `auto` is one to choose', () => {
  for (const address of ['cpu', 'cuda', 'cuda:0', 'cuda:12']) assert.is(deviceAddress('device', address), address)
  for (const wrong of ['auto', 'gpu', 'cuda:', 'cuda:x', 'cpu:1', 7, null])
    assert.throws(() => deviceAddress('--device', wrong), /^--device must be one of cpu, cuda, cuda:N, auto; got/)
  assert.equal([isDevice('auto'), isDevice('cuda:3'), isDevice('tpu')], [true, true, false])
})

test('where nobody asks for a device nothing is looked for', async () => {
  const options = { target: 'micro' }
  assert.is(await withDevice(options), options)
})

test('`auto` takes a GPU that works, or says why and takes the CPU; `cuda` is then refused', async () => {
  const gpu = DEVICES.cuda
  let fault: string | null = null
  DEVICES.cuda = () => ({ ...STAND_IN, fault: async () => fault })
  try {
    const said: string[] = []
    const auto = { target: 'micro', device: 'auto' as const, onProgress: ({ text }: Progress) => void said.push(text) }
    assert.is((await withDevice(auto)).device, 'cuda')
    fault = 'no NVIDIA driver is loaded on this machine'
    assert.is((await withDevice(auto)).device, 'cpu')
    assert.equal(said, ['device: cuda, the first GPU', `device: cpu, for ${fault}`])
    const refused = await withDevice({ target: 'micro', device: 'cuda' }).catch((reason: unknown) => reason)
    assert.ok(refused instanceof InvalidArgumentError && refused.param === 'device')
    assert.match(String(refused), /device "cuda" cannot be had: no NVIDIA driver.*"sequoia gpu"/)
  } finally {
    DEVICES.cuda = gpu
  }
})

test.run()
