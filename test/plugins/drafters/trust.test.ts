import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Trust } from '../../../plugins/drafters/trust.js'

test('guesses are believed at first, and never more than they promise', () => {
  const trust = new Trust()
  assert.is(trust.factor, 1)
  trust.saw(1, 3)
  assert.is(trust.factor, 1)
})

test('a text whose guesses are accepted half as often as promised halves what they promise', () => {
  const trust = new Trust()
  for (let step = 0; step < 200; step++) trust.saw(2, 1)
  assert.ok(Math.abs(trust.factor - 0.5) < 0.01, `${trust.factor}`)
})

test('while nothing is guessed trust comes back', () => {
  const trust = new Trust()
  for (let step = 0; step < 50; step++) trust.saw(2, 0)
  const low = trust.factor
  for (let step = 0; step < 300; step++) trust.drift()
  assert.ok(low < 0.1 && trust.factor > 0.9, `${low}, then ${trust.factor}`)
})

test.run()
