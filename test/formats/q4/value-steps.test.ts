import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findValueSteps } from '../../../src/formats/q4/value-steps.js'
import type { LayerMatrices } from '../../../src/formats/weight-format.js'
import { randomLlama } from '../../support/random-llama.js'

test("V's steps have room for 15 % more than was seen of a channel, and no weight changes", () => {
  const matrix = (): Float32Array => Float32Array.of(1, 2, 3, 4)
  const layer: LayerMatrices = { qkv: matrix(), o: matrix(), gateUp: matrix(), down: matrix(), biases: {}, norms: {} }
  const seen = { v: Float32Array.of(254, 0, 127), rows: {}, largest: {} }
  assert.equal(findValueSteps(layer, randomLlama().spec.layers[0], seen), {})
  assert.equal(layer.vSteps, Float32Array.of(2.3, 1, 1.15))
  for (const role of ['qkv', 'o', 'gateUp', 'down'] as const) assert.equal(layer[role], matrix())
})

test.run()
