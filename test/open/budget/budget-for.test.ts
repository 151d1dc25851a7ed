/** What a budget of memory comes to for a model. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { EngineOptions } from '../../../src/api/types.js'
import { budgetFor, type Memory } from '../../../src/open/budget/budget-for.js'
import { InvalidArgumentError } from '../../../src/spec/errors.js'
import { tempFolder } from '../../support/temp-folder.js'
import { modelWith, optionsWith } from '../support.js'

const dir = tempFolder()
const LAYER = 40_000
writeFileSync(join(dir, 'layers.json'), JSON.stringify({ layerBytes: LAYER }))
const streamed = { layer: 'layer.onnx', singleLayer: 'single.onnx', head: 'head.onnx', layout: 'layers.json' }
const inFormat = (format: string): ReturnType<typeof modelWith> =>
  modelWith({ format, files: { ...modelWith().manifest.files, streamed } }, dir)

const budget = (given: Partial<EngineOptions>, model = inFormat('w8a8')): Promise<Memory | null> =>
  budgetFor(optionsWith(given), model, null, 8)

test('without a budget nothing is planned', async () => {
  assert.is(await budget({}), null)
})

test('a model of a format that cannot be streamed is refused with those that can', async () => {
  const error: unknown = await budget({ memory: '1GB' }, modelWith()).catch((reason: unknown) => reason)
  assert.instance(error, InvalidArgumentError)
  assert.is((error as InvalidArgumentError).param, 'memory')
  assert.match((error as InvalidArgumentError).message, /formats fp16 and w8a8; this one is opened in fp32/)
})

test('a model that fits as a whole is opened as one, and no layer is read again for a pass', async () => {
  const plan = (await budget({ memory: '1GB' }))!
  assert.equal([plan.residentLayers, plan.isStreamed, plan.bytesPerPass], [2, false, 0])
})

test('halves are streamed even where all fit: a session would keep them as float32', async () => {
  const plan = (await budget({ memory: '1GB', format: 'fp16' }, inFormat('fp16')))!
  assert.equal([plan.residentLayers, plan.isStreamed], [2, true])
})

test('layers that do not fit are read again for every pass', async () => {
  const large = tempFolder()
  writeFileSync(join(large, 'layers.json'), JSON.stringify({ layerBytes: 300e6 }))
  const { manifest } = inFormat('w8a8')
  const spec = { ...manifest.spec, layers: Array.from({ length: 6 }, () => manifest.spec.layers[0]) }
  const plan = (await budget({ memory: '1GB' }, modelWith({ ...manifest, spec }, large)))!
  assert.ok(plan.isStreamed && plan.residentLayers < 6)
  assert.is(plan.bytesPerPass, (6 - plan.residentLayers) * 300e6)
})

test.run()
