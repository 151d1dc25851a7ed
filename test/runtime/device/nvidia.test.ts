import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hasNvidiaDriver, nvidiaFacts, readQuery } from '../../../src/runtime/device/nvidia.js'

const TWO = '0, NVIDIA A100-SXM4-80GB, 570.86.15, 81920, 81038\n1, NVIDIA A100-SXM4-80GB, 570.86.15, 81920, 512\n'

test('each line of the driver’s program is a GPU', () => {
  const { driver, gpus } = readQuery(TWO)
  assert.is(driver, '570.86.15')
  assert.equal(gpus![1], {
    index: 1,
    name: 'NVIDIA A100-SXM4-80GB',
    totalBytes: 81920 * 2 ** 20,
    freeBytes: 512 * 2 ** 20,
  })
  assert.equal(readQuery('No devices were found\n'), { driver: null, gpus: [] })
})

test('without a driver there is nothing to ask, and a driver without its program is one all the same', async () => {
  assert.is(await nvidiaFacts('nvidia-smi', false), null)
  assert.equal(await nvidiaFacts('no-such-program', true), { driver: null, gpus: null })
  assert.is(hasNvidiaDriver(['/no/such/file']), false)
  assert.is(hasNvidiaDriver(['/no/such/file', '/']), true)
})

test.run()
