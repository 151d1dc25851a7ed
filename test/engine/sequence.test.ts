/** What a sequence keeps of the target's features, and how much of its answer is left. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { observe, release, remaining, shareOf } from '../../src/engine/sequence.js'
import { Desk } from '../support/desk.js'

test('features are kept token by token, as copies', async () => {
  const sequence = await new Desk().begin()
  const rows = Float32Array.of(1, 2, 3, 4)
  observe(sequence, rows, 2)
  rows.fill(0)
  assert.equal(
    sequence.features.map((row) => [...row]),
    [
      [1, 2],
      [3, 4],
    ],
  )
})

test('what is left of an answer counts its tokens, not those of the prompt', async () => {
  const sequence = await new Desk().begin({ promptTokens: [2, 1, 0], maxTokens: 5 })
  assert.is(remaining(sequence), 5)
  sequence.tokens.push(0, 0)
  assert.is(remaining(sequence), 3)
  const { context, left } = shareOf(sequence)
  assert.equal([context, left], [5, 3])
})

test('released, it holds neither slots nor a draft', async () => {
  const desk = new Desk()
  const sequence = await desk.begin()
  sequence.cache.keep(sequence.cache.allocate(3))
  release(sequence)
  assert.is(desk.target.memory.usage.slotsUsed, 0)
  assert.is(sequence.cache.isOpen, false)
  assert.equal(desk.drafter.calls, ['release'])
})

test.run()
