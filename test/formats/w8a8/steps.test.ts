import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bestStep } from '../../../src/formats/w8a8/steps.js'
import { seeded } from '../../support/random-llama.js'

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
