import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bandOf } from '../../../bench/paper/bands.js'
import { uniforms } from '../../../bench/uniforms.js'

test('a band is the same in every run and lies around the mean', () => {
  const random = uniforms(3)
  const samples = Array.from({ length: 400 }, (_, i) => ({ prompt: i % 20, value: random() }))
  const band = bandOf(samples)
  assert.equal(bandOf(samples), band)
  assert.ok(band.low < band.mean && band.mean < band.high)
  // Twenty prompts of twenty independent values: half the band is about 1.96 * 0.289 / 20.
  assert.ok(Math.abs((band.high - band.low) / 2 - 0.0283) < 0.01)
})

test('values that only differ by prompt have a band as wide as prompts differ, however many there are', () => {
  const of = (copies: number): number => {
    const samples = Array.from({ length: 10 * copies }, (_, i) => ({ prompt: i % 10, value: (i % 10) / 10 }))
    const { low, high } = bandOf(samples)
    return high - low
  }
  assert.ok(Math.abs(of(1) - of(50)) < 1e-9)
})

test.run()
