/** What fp16 stores and what it takes on a device; `conformance.test.ts` decodes with it. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fp16 } from '../../src/formats/fp16.js'
import { TensorMemory } from '../support/tensor-memory.js'

const { linears, table } = fp16
const shape = { inputs: 3, outputs: 2 }
// 1, 2, -2, 0.5 and 0 as float16.
const [ONE, TWO, MINUS_TWO, HALF] = [0x3c00, 0x4000, 0xc000, 0x3800]

test('a linear layer lies as halves [inputs, outputs] of weights that came as [outputs, inputs]', async () => {
  const file = new TensorMemory()
  const weights = Float32Array.of(1, 2, 0, -2, 0.5, 1)
  const stored = await linears.write({ file, integers: null, reads: null }, 'o', weights, shape)
  assert.equal(file.added.get('o'), {
    type: 'float16',
    dims: [3, 2],
    values: [ONE, MINUS_TWO, TWO, HALF, 0, ONE],
  })
  assert.equal(stored.numbers, {})
  assert.is(linears.bytes(shape), stored.tensors.weight.bytes)
})

test('a CPU has weights as float32 when it multiplies, another device as they are', () => {
  assert.equal([linears.spreadBytes(shape, 'cpu'), linears.spreadBytes(shape, 'cuda')], [24, 0])
  assert.is(linears.openedBytes(shape), 24)
})

test('the table lies as halves, of which none need stay in memory', async () => {
  const file = new TensorMemory()
  const { rows } = await table.write(file, Float32Array.of(1, 2, -2, 0.5), { vocab: 2, hidden: 2 })
  assert.equal(file.values('embedding'), [ONE, TWO, MINUS_TWO, HALF])
  assert.equal([table.bytes({ vocab: 2, hidden: 2 }), table.keptBytes({ vocab: 2, hidden: 2 })], [rows.bytes, 0])
})

test.run()
