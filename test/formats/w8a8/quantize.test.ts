import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { around128, quantizeRows, transposeInt8 } from '../../../src/formats/w8a8/quantize.js'
import { bestStep } from '../../../src/formats/w8a8/steps.js'
import { seeded } from '../../support/random-llama.js'

test('weights are rounded to half a step at most, one step a row', () => {
  const random = seeded(2)
  const weights = Float32Array.from({ length: 6 * 40 }, (_, i) => (random() - 0.5) * 10 ** Math.floor(i / 40))
  const { values, scale } = quantizeRows(weights, 6)
  weights.forEach((weight, i) => {
    const step = scale[Math.floor(i / 40)]
    assert.ok(Math.abs(values[i] * step - weight) <= step * 0.5001)
  })
  assert.is(Math.max(...values.map(Math.abs)), 127)
})

test('a row of zeros stays zeros, with a step that divides', () => {
  const { values, scale } = quantizeRows(new Float32Array(8), 2)
  assert.equal([...values], [0, 0, 0, 0, 0, 0, 0, 0])
  assert.equal([...scale], [1, 1])
})

test('a transposed matrix has rows and columns exchanged', () => {
  assert.equal([...transposeInt8(Int8Array.of(1, 2, 3, 4, 5, 6), 2, 3)], [1, 4, 2, 5, 3, 6])
})

test('integers around 128 are the same integers', () => {
  assert.equal([...around128(Int8Array.of(-127, -1, 0, 1, 127))], [1, 127, 128, 129, 255])
})

test('a static step covers values without outliers up to their largest', () => {
  const flat = Float32Array.from({ length: 1000 }, (_, i) => i / 1000)
  assert.ok(Math.abs(bestStep([flat], new Float32Array(10).fill(1)) * 127 - 1) < 0.03)
})

test('a static step gives up a lone outlier for the many', () => {
  const random = seeded(4)
  const values = Float32Array.from({ length: 100_000 }, (_, i) => (i === 7 ? 4 : random() - 0.5))
  const reach = bestStep([values], new Float32Array(10).fill(1)) * 127
  assert.ok(reach < 3.9 && reach > 0.49, `clips at ${reach}`)
})

test('a static step is that of the channels as they are after their factors', () => {
  const rows = Float32Array.of(1, 100, -1, 50)
  assert.ok(Math.abs(bestStep([rows], Float32Array.of(2, 0.01)) * 127 - 2) < 0.06)
})

test.run()
