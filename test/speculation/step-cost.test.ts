import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { StepCost, unseen } from '../../src/speculation/step-cost.js'
import type { StepShare } from '../../src/speculation/state.js'
import { speculationOf } from './support/builders.js'

/** t(n, S) = 10 + n + S / 100. */
const times = {
  target: { rows: [1, 101], baseMs: [11, 111], slotMs: [0.01, 0.01] },
  overheadMs: () => 2,
}
const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0 }

function share(rows: number, tokens: number, context = 100): StepShare {
  const state = speculationOf().begin({ sampling, maxNodes: 64 }, null, 0)
  state.share = { rows, tokens }
  return { state, context, left: 100 }
}

const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`)

test('alone, a step takes its pass and the overhead', () => {
  const one = share(1, 1)
  const cost = new StepCost(times, one, [one])
  near(cost.ownMs, 10 + 1 + 1 + 2)
  near(cost.stepMs(8, 1), unseen(14) * (10 + 8 + 1 + 2))
})

test('beside others a plain step costs its part by tokens, and a row what it adds to the pass', () => {
  const one = share(1, 1)
  const cost = new StepCost(times, one, [one, share(4, 2, 300), share(1, 1)])
  const plainMs = 10 + (5 + 1) + 3 + 2
  near(cost.ownMs, plainMs / (1 + 3))
  near(cost.stepMs(8, 1), unseen(plainMs) * (plainMs / 4 + 7))
})

test('what trees cost beyond their steps is a share of them and some time, dear where a pass is short', () => {
  near(unseen(8), 1 + 0.05 + 0.01)
  near(unseen(0.8), 1 + 0.05 + 0.1)
})

test('what trees turned out dearer is borne by all who share the step', () => {
  const one = share(1, 1)
  const cost = new StepCost(times, one, [one, share(1, 1)])
  near(cost.stepMs(8, 1.5) - cost.stepMs(8, 1), (unseen(15) * 0.5 * (10 + 9 + 1 + 2)) / 2)
  near(cost.stepMs(1, 1.5), cost.stepMs(1, 1))
})

test.run()
