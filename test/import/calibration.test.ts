// @process native
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Calibration, Observed } from '../../src/formats/weight-format.js'
import { CalibrationRun, embedded, normalize } from '../../src/import/calibration.js'
import { readLayer } from '../../src/import/fold.js'
import { LayerRunner } from '../../src/import/layer-runner.js'
import { seeLayer } from '../../src/import/see-layer.js'
import { RuntimeError } from '../../src/spec/errors.js'
import { randomLlama } from '../support/random-llama.js'

test('rows over their root mean square have size 1, each by itself', () => {
  const rows = normalize(Float32Array.of(3, 4, 300, 400), 2, 0)
  assert.ok(Math.abs((rows[0] ** 2 + rows[1] ** 2) / 2 - 1) < 1e-6)
  assert.ok(Math.abs(rows[0] - rows[2]) < 1e-6 && Math.abs(rows[1] - rows[3]) < 1e-6)
})

test('a format sees what it asked for, of every text, and its reads are handed on', async () => {
  const checkpoint = randomLlama()
  const [{ hidden }, [layerSpec]] = [checkpoint.spec, checkpoint.spec.layers]
  const given: Observed[] = []
  const wanted: Calibration = {
    rows: ['qkv'],
    largest: ['down'],
    balance: (_layer, _spec, seen) => {
      given.push(seen)
      return { o: { reach: 3 } }
    },
  }
  const texts = [Int32Array.of(1, 2, 3), Int32Array.of(4, 5)]
  const run = await CalibrationRun.open(checkpoint.spec, wanted, texts)
  try {
    run.begin(await checkpoint.read('model.embed_tokens.weight'))
    for (let i = 0; i < 2; i++)
      assert.equal((await run.see(await readLayer(checkpoint, i), i)).reads, { o: { reach: 3 } })
    const head = run.headReads(null)
    assert.ok('rows' in head)
    assert.equal(
      head.rows.map(({ length }) => length / hidden),
      [3, 2],
    )
  } finally {
    await run.close()
  }
  assert.equal(Object.keys(given[0].rows), ['qkv'])
  assert.equal(
    given[0].rows.qkv!.map(({ length }) => length / hidden),
    [3, 2],
  )
  assert.is(given[0].largest.down!.length, layerSpec.mlp.inner)
  assert.ok(given[0].largest.down!.every((most) => most > 0))
  assert.not.equal(given[0].rows.qkv, given[1].rows.qkv)
})

test('a layer that is large enough for a thread is seen as in this one', async () => {
  const shape = { hidden: 256, inner: 1280, heads: 4, kvHeads: 2, headDim: 64, layers: 1 }
  const checkpoint = randomLlama(shape)
  const [spec] = checkpoint.spec.layers
  const given: Observed[] = []
  const wanted: Calibration = {
    rows: ['o'],
    largest: ['down'],
    balance: (layer, _spec, seen) => {
      layer.o.fill(7)
      given.push(seen)
      return {}
    },
  }
  const text = Int32Array.of(1, 2, 3)
  const run = CalibrationRun.open(checkpoint.spec, wanted, [text])
  const runner = new LayerRunner(text.length)
  try {
    const table = await checkpoint.read('model.embed_tokens.weight')
    run.begin(table)
    const before = await readLayer(checkpoint, 0)
    const { layer } = await run.see(before, 0)
    assert.is(before.down.length, 0, 'its memory went to the thread')
    assert.ok(layer.o.every((value) => value === 7))
    const streams = [embedded(text, table, checkpoint.spec)]
    const here = await seeLayer(runner, { spec, layer: await readLayer(checkpoint, 0), streams, wanted })
    assert.equal(given, [here.seen])
    assert.equal(layer.down, here.layer.down)
    const broken = { ...layer, o: new Float32Array(1) }
    const error: unknown = await run.see(broken, 0).catch((reason: unknown) => reason)
    assert.instance(error, RuntimeError)
  } finally {
    await run.close()
    await runner.close()
  }
})

test.run()
