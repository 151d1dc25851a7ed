// @process native
/** The program of the thread that runs calibration passes, by its messages. */
import { once } from 'node:events'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { startThread } from '../../src/common/start-thread.js'
import { readLayer } from '../../src/import/fold.js'
import { LayerRunner } from '../../src/import/layer-runner.js'
import type { LayerAnswer, LayerWorkerData } from '../../src/import/layer-worker.js'
import { memoryOf, seeLayer } from '../../src/import/see-layer.js'
import { silenceTelemetry } from '../../src/runtime/onnxruntime.js'
import { randomLlama } from '../support/random-llama.js'

test('it answers with the bits that a runner here gives, and one bad layer harms no other', async () => {
  silenceTelemetry()
  const checkpoint = randomLlama()
  const [spec] = checkpoint.spec.layers
  const stream = Float32Array.from({ length: 3 * spec.hidden }, (_, i) => Math.sin(i))
  const wanted = { rows: ['o'], largest: [] } as const
  const question = async (): Promise<Parameters<typeof seeLayer>[1]> => ({
    spec,
    layer: await readLayer(checkpoint, 0),
    streams: [stream.slice()],
    wanted,
  })
  const workerData: LayerWorkerData = { positions: 3 }
  const worker = startThread(import.meta.url, '../../src/import/layer-worker', { workerData })
  const runner = new LayerRunner(3)
  try {
    const answers: LayerAnswer[] = []
    worker.on('message', (answer: LayerAnswer) => answers.push(answer))
    const [bad, good] = [await question(), await question()]
    bad.layer.o = new Float32Array(1)
    const sent = good.layer.o
    for (const [i, one] of [bad, good].entries()) worker.postMessage({ id: 5 + i, ...one }, memoryOf(one))
    while (answers.length < 2) await once(worker, 'message')
    const [first, second] = answers
    assert.equal([first.id, second.id], [5, 6])
    assert.ok('error' in first)
    assert.is(sent.length, 0, 'its memory was handed over')
    const { id: _, ...seen } = second
    assert.equal(seen, await seeLayer(runner, await question()))
  } finally {
    await runner.close()
    await worker.terminate()
  }
})

test.run()
