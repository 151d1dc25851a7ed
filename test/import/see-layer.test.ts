// @process native
/** Texts through one layer, and what a format sees of it. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readLayer } from '../../src/import/fold.js'
import { LayerRunner } from '../../src/import/layer-runner.js'
import { memoryOf, seeLayer } from '../../src/import/see-layer.js'
import { randomLlama } from '../support/random-llama.js'

test('rows of each text are kept, largest values are those of all texts, and streams go on', async () => {
  const checkpoint = randomLlama()
  const [{ hidden }, [spec]] = [checkpoint.spec, checkpoint.spec.layers]
  const layer = await readLayer(checkpoint, 0)
  const streams = [3, 2].map((rows) => Float32Array.from({ length: rows * hidden }, (_, i) => Math.sin(i + rows)))
  const runner = new LayerRunner(3)
  try {
    const wanted = { rows: ['qkv'], largest: ['down'] } as const
    const both = await seeLayer(runner, { spec, layer, streams, wanted })
    assert.equal(
      both.seen.rows.qkv!.map(({ length }) => length / hidden),
      [3, 2],
    )
    const apart = []
    for (const stream of streams) apart.push(await seeLayer(runner, { spec, layer, streams: [stream], wanted }))
    assert.equal(
      both.streams,
      apart.flatMap(({ streams: [after] }) => after),
    )
    const [first, second] = apart.map(({ seen }) => seen)
    assert.equal(
      both.seen.largest.down,
      first.largest.down!.map((most, c) => Math.max(most, second.largest.down![c])),
    )
    assert.equal(
      both.seen.v,
      first.v.map((most, c) => Math.max(most, second.v[c])),
    )
  } finally {
    await runner.close()
  }
})

test('a message hands over the memory of large arrays once each, and of none that has more than its array', () => {
  const whole = new Float32Array(4)
  const part = new Float32Array(8).subarray(0, 4)
  const layer = { qkv: whole, o: part, gateUp: new Float32Array(2), down: whole, norms: {}, biases: {} }
  const [row, stream] = [new Float32Array(3), new Float32Array(5)]
  const seen = { v: new Float32Array(1), rows: { qkv: [row] }, largest: {} }
  assert.equal(
    new Set(memoryOf({ layer, streams: [stream], seen })),
    new Set([whole.buffer, layer.gateUp.buffer, stream.buffer, row.buffer]),
  )
})

test.run()
