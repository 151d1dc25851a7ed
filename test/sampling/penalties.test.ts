import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Penalties, type PenaltyStrengths } from '../../src/sampling/penalties.js'

const OFF: PenaltyStrengths = { repetitionPenalty: 1, presencePenalty: 0, frequencyPenalty: 0 }

function after(penalties: Penalties, ...logits: number[]): number[] {
  const row = Float32Array.from(logits)
  penalties.apply(row)
  return [...row]
}

test('repetition divides positive logits and multiplies negative ones, once a token, of prompt and answer', () => {
  const penalties = new Penalties({ ...OFF, repetitionPenalty: 2 }, [0, 0, 1])
  for (const token of [1, 2, 2]) penalties.push(token)
  assert.equal(after(penalties, 4, -4, 6, 8), [2, -8, 3, 8])
})

test('presence counts a token of the answer once, frequency each time, and the prompt not at all', () => {
  const penalties = new Penalties({ ...OFF, presencePenalty: 1, frequencyPenalty: 0.5 }, [0])
  for (const token of [1, 2, 2]) penalties.push(token)
  assert.equal(after(penalties, 5, 5, 5, 5), [5, 3.5, 3, 5])
})

test('repetition comes first where a token has all three', () => {
  const penalties = new Penalties({ repetitionPenalty: 2, presencePenalty: 1, frequencyPenalty: 0.5 }, [])
  penalties.push(0)
  assert.equal(after(penalties, 4), [0.5])
})

test('a token that is taken back counts no more', () => {
  const penalties = new Penalties({ ...OFF, presencePenalty: 1, frequencyPenalty: 0.5 }, [])
  penalties.push(0)
  penalties.push(0)
  penalties.pop(0)
  assert.equal(after(penalties, 5, 5), [3.5, 5])
  penalties.pop(0)
  assert.equal(after(penalties, 5, 5), [5, 5])
})

test.run()
