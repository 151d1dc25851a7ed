import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fp16 } from '../../src/formats/fp16.js'
import { fp32 } from '../../src/formats/fp32.js'
import { w8a8 } from '../../src/formats/w8a8/w8a8.js'
import { importBytes } from '../../src/import/disk-space.js'
import { randomLlama } from '../support/random-llama.js'

test('an import takes what its format says of each linear layer and table', () => {
  const { spec } = randomLlama({ hidden: 1024, inner: 4096, layers: 4 })
  const [full, half, rounded] = [fp32, fp16, w8a8].map((format) => importBytes(spec, format))
  assert.ok(full > half && half > rounded)
  const weights = importBytes(spec, fp32) - importBytes(spec, fp16)
  assert.is(full - 2 * weights, half - weights)
})

test.run()
