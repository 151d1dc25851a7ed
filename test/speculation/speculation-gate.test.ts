import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { SpeculationGate } from '../../src/speculation/speculation-gate.js'

const LIMITS = { limit: 1.5, trial: 1, share: 0.01, credit: 8 }

/**
 * Runs `steps` steps in which a tree gives `tokens` tokens in the time of `made`; returns how many were trees, and the
 * tokens lost against plain decoding.
 */
function run(
  gate: SpeculationGate,
  steps: number,
  made: number,
  tokens: number,
): { trees: number; lost: number; time: number } {
  const seen = { trees: 0, lost: 0, time: 0 }
  for (let i = 0; i < steps; i++) {
    if (gate.isOpen) {
      gate.tried(made, tokens)
      seen.trees += 1
      seen.lost += made - tokens
      seen.time += made
    } else {
      gate.rested(1)
      seen.time += 1
    }
  }
  return seen
}

test('trees that win go on without a rest', () => {
  assert.is(run(new SpeculationGate(LIMITS), 500, 1.5, 2).trees, 500)
})

test('trees that lose cost a hundredth of the time beside the limit, and are still tried', () => {
  const gate = new SpeculationGate(LIMITS)
  const { lost, time } = run(gate, 150, 1.4, 1)
  assert.ok(lost <= 1.5 + 0.4 + 0.01 * time, `${lost} tokens lost in the time of ${time}`)
  const later = run(gate, 5000, 1.4, 1)
  assert.ok(later.lost <= 1.5 + 0.4 + 0.01 * later.time, `${later.lost} tokens lost in the time of ${later.time}`)
  assert.ok(later.trees > 50, `${later.trees} trees of 5000 steps`)
})

test('a trial takes several steps, since the first one after a rest costs most', () => {
  const gate = new SpeculationGate(LIMITS)
  while (gate.isOpen) gate.tried(1.3, 1)
  while (!gate.isOpen) gate.rested(1)
  let steps = 0
  for (; gate.isOpen; steps++) gate.tried(1.3, 1)
  assert.ok(steps >= 3, `${steps} steps`)
})

test('when trees begin to win they are taken up again', () => {
  const gate = new SpeculationGate(LIMITS)
  run(gate, 300, 2, 1.5)
  assert.ok(run(gate, 2000, 1, 2).trees > 1800)
})

test('past gains are lost again only up to the credit', () => {
  const gate = new SpeculationGate(LIMITS)
  run(gate, 1000, 1, 2)
  assert.ok(gate.isWinning)
  const { lost } = run(gate, 100, 1.5, 1)
  assert.ok(lost <= 8 + 1.5 + 0.5 + 0.01 * 100, `${lost} tokens lost`)
})

test.run()
