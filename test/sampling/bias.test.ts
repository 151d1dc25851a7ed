import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { logitBias } from '../../src/sampling/bias.js'

test('each bias is added to its own token, in every row alike, wherever the path is', () => {
  const bias = logitBias([
    [2, 1.5],
    [0, -100],
  ])
  for (const token of [0, 2]) {
    const row = Float32Array.of(1, 2, 3, -Infinity)
    bias.apply(row)
    assert.equal([...row], [-99, 2, 4.5, -Infinity])
    bias.push(token)
  }
})

test.run()
