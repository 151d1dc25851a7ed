import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { around128, quantizeRows, transposeInt8 } from '../../../src/formats/w8a8/quantize.js'
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

test('a head of a vocabulary of 262,144 by 640 values is one of them', () => {
  const values = around128(new Int8Array(262_144 * 640))
  assert.equal([values.length, values[0], values.at(-1)], [262_144 * 640, 128, 128])
})

test.run()
