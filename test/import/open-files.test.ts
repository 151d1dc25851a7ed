// @process native
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { join } from 'node:path'
import { embeddedModel, graphsOf, streamedModel } from '../../src/import/open-files.js'
import { imported } from '../support/imported.js'
import { randomLlama } from '../support/random-llama.js'

test('a rounded model of long contexts has graphs near and far, for several sequences and for one', async () => {
  const model = await imported(randomLlama({ maxPositions: 2048 }), 'w8a8')
  assert.equal(graphsOf(model, { grouped: true }), {
    graphPath: join(model.dir, 'graph.onnx'),
    long: { graphPath: join(model.dir, 'graph-long.onnx'), from: 1024 },
  })
  assert.is(graphsOf(model, { grouped: false }).graphPath, join(model.dir, 'graph-single.onnx'))
  const streamed = await streamedModel(model.dir, model.manifest, { grouped: false })
  assert.is(streamed?.layerGraph, join(model.dir, 'layer-single.onnx'))
  assert.is(streamed?.uploadGraph, undefined)
  assert.is(streamed?.layout.layers.length, 2)
  assert.equal(streamed?.layout.stepNames, ['qkv.step', 'o.step', 'gate_up.step'])
})

test('a model that is not streamed, and one that is no draft head, have no such files', async () => {
  const { dir, manifest } = await imported(randomLlama(), 'fp32')
  assert.is(await streamedModel(dir, manifest, { grouped: true }), null)
  assert.is(await embeddedModel(dir, manifest, { grouped: true }), null)
  assert.is(graphsOf({ dir, manifest }, { grouped: true }).long, undefined)
})

test('a model that may be copied to a device has the graph for it', async () => {
  const { dir, manifest } = await imported(randomLlama(), 'fp16')
  assert.is((await streamedModel(dir, manifest, { grouped: true }))?.uploadGraph, join(dir, 'upload.onnx'))
})

test.run()
