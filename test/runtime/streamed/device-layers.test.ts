// @process native
/** Layers that stay on a device, the stand-in in its place: none that is damaged, and nothing of one that fails. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadOrtApi } from '../../../src/runtime/binding/api.js'
import type { StreamedLayout } from '../../../src/runtime/streamed/layout.js'
import { imported, openImportedStreamed } from '../../support/imported.js'
import { randomLlama } from '../../support/random-llama.js'
import { STAND_IN, watchValues } from '../../support/stand-in-device.js'
import { tempFolder } from '../../support/temp-folder.js'

const LAYERS = 3
const model = await imported(randomLlama({ layers: LAYERS }), 'fp16')
const api = await loadOrtApi()
const open = (dir = model.dir): ReturnType<typeof openImportedStreamed> =>
  openImportedStreamed({ ...model, dir }, { residentLayers: 0, deviceLayers: 2, device: STAND_IN })

test('a layer of the device that is not what import wrote is named, and nothing is kept', async () => {
  const dir = tempFolder()
  cpSync(model.dir, dir, { recursive: true })
  const { layers, layerBytes } = JSON.parse(readFileSync(join(dir, 'layers.json'), 'utf8')) as StreamedLayout
  const weights = join(dir, 'weights.bin')
  const bytes = readFileSync(weights)
  bytes[layers[1].offset + (layerBytes >> 1)] ^= 1
  writeFileSync(weights, bytes)
  const { held, stop } = watchValues(api)
  assert.match(String(await open(dir).catch(String)), /the weights of layer 1 are not what import wrote/)
  stop()
  assert.is(held.size, 0, 'values')
})

test('where the device has no room for a layer, nothing is kept; a model that is closed leaves nothing', async () => {
  const { held, stop } = watchValues(api)
  const create = api.create
  let left = 6
  api.create = (name, args) => {
    if (name === 'CreateTensorAsOrtValue' && left-- <= 0) throw new Error('out of memory')
    return create(name, args)
  }
  assert.match(String(await open().catch(String)), 'out of memory')
  assert.is(held.size, 0, 'values')
  api.create = create
  await (await open()).dispose()
  stop()
  assert.is(held.size, 0, 'values')
})

test.run()
