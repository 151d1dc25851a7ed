// @process native
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { likeliest, targetTexts } from '../../src/heads/target-texts.js'
import { referenceLogits } from '../support/model-reference.js'
import { randomLlama } from '../support/random-llama.js'

test('texts have the outputs asked for and the likeliest tokens of a forward pass', async () => {
  const target = randomLlama({ layers: 2 })
  const texts = await targetTexts(target, new Set([1]), 40)
  assert.is(
    texts.reduce((sum, { tokens }) => sum + tokens.length, 0),
    40,
  )
  for (const { tokens, outputs, likeliest: found } of texts) {
    assert.equal([...outputs.keys()], [-1, 1])
    assert.is(outputs.get(1)!.length, tokens.length * target.spec.hidden)
    const logits = await referenceLogits(target, [...tokens])
    assert.equal(
      [...found],
      logits.map((row) => likeliest(Float32Array.from(row))),
    )
  }
})

test('the first of equals is the likeliest', () => {
  assert.is(likeliest(Float32Array.of(1, 3, 3, 2)), 1)
})

test.run()
