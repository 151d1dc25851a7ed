/** Linear layers of 8-bit integers: what is stored, and by which step a row is rounded. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { asWeights, type Reads, type StoredLinear } from '../../../src/formats/linear.js'
import { integerLinears } from '../../../src/formats/w8a8/linears.js'
import type { IntegerType } from '../../../src/spec/manifest.js'
import { RecordedGraph } from '../../support/recorded-graph.js'
import { TensorMemory } from '../../support/tensor-memory.js'

// Two rows of weights whose largest are 127 and 2.54: steps 1 and 0.02.
const weights = Float32Array.of(127, -1, 0, 2.54, -2.54, 0.02)
const shape = { inputs: 3, outputs: 2 }

async function written(integers: IntegerType | null, reads: Reads | null = null) {
  const file = new TensorMemory()
  return { file, stored: await integerLinears.write({ file, integers, reads }, 'o', weights, shape) }
}

test('weights are whole steps of their row, [inputs, outputs], with the steps beside them', async () => {
  const { file, stored } = await written(null)
  assert.equal(file.added.get('o'), { type: 'int8', dims: [3, 2], values: [127, 127, -1, -127, 0, 1] })
  assert.equal(file.values('o.scale'), [1, Math.fround(Math.fround(2.54) / 127)])
  const bytes = Object.values(stored.tensors).reduce((sum, ref) => sum + ref.bytes, 0)
  assert.is(integerLinears.bytes(shape), bytes)
})

test('as uint8 the same integers lie around 128', async () => {
  const { file } = await written('uint8')
  assert.equal(file.added.get('o'), { type: 'uint8', dims: [3, 2], values: [255, 255, 127, 1, 128, 129] })
})

test('a step is static where it is known how far values reach, else each row has its own', async () => {
  assert.equal((await written(null)).stored.numbers, {})
  assert.equal((await written(null, { reach: 12.7 })).stored.numbers, { step: 12.7 / 127 })
  const rows = { rows: [Float32Array.of(1, -1, 1)], factors: Float32Array.of(1, 2, 1) }
  const { step } = (await written(null, rows)).stored.numbers
  assert.ok(step > 1 / 127 && step <= 2 / 127, `${step}`)
})

const emitted = (stored: StoredLinear): RecordedGraph => {
  const g = new RecordedGraph()
  const shared = integerLinears.share!(g, 'positions')
  integerLinears.emit(g, 'x', asWeights(g, stored), { shared, output: 'y' })
  return g
}

test('by a static step x is rounded once, around 128', async () => {
  const g = emitted((await written(null, { reach: 12.7 })).stored)
  const { inputs } = g.maker('y')!
  const rounded = g.maker(inputs[0])!
  assert.equal([rounded.type, rounded.inputs[0]], ['QuantizeLinear', 'x'])
  assert.equal(g.constants.get(rounded.inputs[2]), [128])
  assert.is(rounded.inputs[1], inputs[2], 'the step that rounded is what the product is multiplied by')
})

test('by a step a row the product is in whole numbers, and multiplied by the step last', async () => {
  const g = emitted((await written(null)).stored)
  const [product, step] = g.maker('y')!.inputs
  assert.is(g.maker('y')!.type, 'Mul')
  assert.is(g.maker(step)!.type, 'Max')
  const { inputs } = g.maker(product)!
  assert.equal(g.constants.get(inputs[2]), [1])
  assert.equal(g.maker(inputs[0])!.attributes, { axis: -1, block_size: 3 })
})

test('rounded inputs are taken where the step is static alone', async () => {
  const { rounded } = integerLinears
  const g = new RecordedGraph()
  assert.is(rounded!.step(asWeights(g, (await written(null)).stored)), null)
  const still = asWeights(g, (await written(null, { reach: 12.7 })).stored)
  assert.is(rounded!.step(still), 12.7 / 127)
  assert.is(g.maker(rounded!.emit(g, 'u8', still))!.inputs[0], 'u8')
})

test.run()
