import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { plainSpec } from '../../../src/architectures/plain.js'
import { withDeviceLayers } from '../../../src/open/budget/device-layers.js'
import { shareOut, type MemoryRequest } from '../../../src/open/budget/share-out.js'
import { InvalidArgumentError } from '../../../src/spec/errors.js'
import { randomShape } from '../../support/random-llama.js'

/** A 7B model in fp16: 32 layers of 405 MB. */
const LAYER = 405e6
const HEAD = 262e6
const shape = { hidden: 4096, inner: 11_008, layers: 32, heads: 32, kvHeads: 32, headDim: 128, maxPositions: 4096 }
const request: MemoryRequest = {
  budgetBytes: 16e9,
  target: {
    spec: plainSpec({ ...randomShape, ...shape, vocab: 32_000 }),
    fixedBytes: 2 * HEAD,
    kvBytesPerToken: 32 * 4096 * 8,
    featureWidth: 0,
    layerBytes: LAYER,
    spreadBytes: 0,
  },
  draft: null,
  maxContext: 512,
  maxBatch: 1,
  extraBytes: 0,
  usualBatch: 8,
}

test('nobody says what the device may hold: it keeps no layer', () => {
  assert.equal(withDeviceLayers(request, undefined, HEAD), shareOut(request))
  assert.is(shareOut(request).deviceLayers, 0)
})

test('what two passing layers, head and passes leave is for layers, which then take nothing beside the device', () => {
  const plan = withDeviceLayers(request, 7e9, HEAD)
  assert.ok(plan.deviceLayers >= 10 && plan.deviceLayers <= 12, `${plan.deviceLayers}`)
  assert.is(plan.layers, 32)
  assert.is(plan.residentLayers, 32 - plan.deviceLayers)
  assert.is(plan.bytes.layers, plan.residentLayers * LAYER)
})

test('a device with room for all keeps all, and no more than there are', () => {
  const plan = withDeviceLayers({ ...request, budgetBytes: 4e9 }, 40e9, HEAD)
  assert.equal([plan.deviceLayers, plan.residentLayers, plan.bytes.layers], [32, 0, 0])
})

test('a device without room for the passes is refused with the bytes', () => {
  try {
    withDeviceLayers(request, 2e9, HEAD)
    assert.unreachable('it was not refused')
  } catch (error) {
    assert.instance(error, InvalidArgumentError)
    assert.match(
      String(error),
      /two layers 810\.0 MB.*2000 MB may be taken \(2000000000 bytes\); give deviceMemory more/,
    )
  }
})

test.run()
