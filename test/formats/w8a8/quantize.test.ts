import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { quantizeColumns, quantizeRows } from '../../../src/formats/w8a8/quantize.js'
import { seeded } from '../../support/random-llama.js'

test('weights are rounded to half a step at most, one step a row', () => {
  const random = seeded(2)
  const weights = Float32Array.from({ length: 6 * 40 }, (_, i) => (random() - 0.5) * 10 ** Math.floor(i / 40))
  const { values, scale } = quantizeRows(weights, 6)
  weights.forEach((weight, i) => {
    const step = scale[Math.floor(i / 40)]
    assert.ok(Math.abs(values[i] * step - weight) <= step * 0.5001)
  })
  assert.is(Math.max(...Array.from(values, Math.abs)), 127)
})

test('a row of zeros stays zeros, with a step that divides', () => {
  const { values, scale } = quantizeRows(new Float32Array(8), 2)
  assert.equal([...values], [0, 0, 0, 0, 0, 0, 0, 0])
  assert.equal([...scale], [1, 1])
})

test("in the graph's layout rows and columns are exchanged; bytes around 128 are the same integers", () => {
  const weights = Float32Array.of(127, -1, 0, 1, -127, 64)
  const signed = quantizeColumns(weights, 2, 'int8')
  assert.equal([...signed.values], [127, 1, -1, -127, 0, 64])
  assert.equal([...quantizeColumns(weights, 2, 'uint8').values], [255, 129, 127, 1, 128, 192])
  assert.equal([...signed.scale], [1, 1])
})

test.run()
