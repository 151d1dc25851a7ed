// @process native
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { blockTable } from '../../../src/formats/q4/table.js'
import { WeightFile } from '../../../src/import/weight-file.js'
import { GraphBuilder } from '../../../src/onnx/graph-builder.js'
import { seeded } from '../../support/random-llama.js'
import { tempFolder } from '../../support/temp-folder.js'

test('each 32 values have a step of their own: small ones beside large ones keep their digits', async () => {
  const [vocab, hidden] = [3, 70]
  const random = seeded(4)
  const table = Float32Array.from(
    { length: vocab * hidden },
    (_, i) => (random() - 0.5) * 100 ** Math.floor((i % hidden) / 32),
  )
  const dir = tempFolder()
  const file = await WeightFile.create(join(dir, 'weights.bin'))
  const stored = await blockTable.write(file, table, { vocab, hidden })
  await file.finish()
  assert.is(readFileSync(join(dir, 'weights.bin')).length >= blockTable.bytes({ vocab, hidden }), true)
  const g = new GraphBuilder('table')
  g.op('Identity', [blockTable.emit(g, stored, g.input('tokens', 'int64', [1, 'N']))], {}, 'rows')
  g.output('rows', 'float32', [1, 'N', hidden])
  writeFileSync(join(dir, 'table.onnx'), g.encode())
  const session = await InferenceSession.create(join(dir, 'table.onnx'))
  const { rows } = await session.run({ tokens: new Tensor('int64', BigInt64Array.of(2n, 1n), [1, 2]) })
  await session.release()
  const got = rows.data as Float32Array
  assert.equal(rows.dims, [1, 2, hidden])
  const wanted = [...table.subarray(2 * hidden), ...table.subarray(hidden, 2 * hidden)]
  wanted.forEach((value, i) => {
    const largest = 0.5 * 100 ** Math.floor((i % hidden) / 32)
    assert.ok(Math.abs(got[i] - value) <= (0.51 * largest) / 127, `${i}`)
  })
})

test.run()
