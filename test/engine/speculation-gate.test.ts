import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { SpeculationGate } from '../../src/engine/speculation-gate.js'

/** Runs `steps` steps where plain ones take 1 ms a token; returns how many were trees. */
function run(gate: SpeculationGate, steps: number, treeMs: number, treeTokens: number): number {
  let trees = 0
  gate.observe(false, 1, 1)
  for (let i = 0; i < steps; i++) {
    if (gate.isOpen) trees += 1
    if (gate.isOpen) gate.observe(true, treeMs, treeTokens)
    else gate.observe(false, 1, 1)
  }
  return trees
}

test('trees that win go on without a pause', () => {
  assert.is(run(new SpeculationGate(), 500, 1.5, 2), 500)
})

test('trees that lose are tried ever more rarely', () => {
  const gate = new SpeculationGate()
  const first = run(gate, 500, 2, 1.5)
  const later = run(gate, 2000, 2, 1.5)
  assert.ok(first <= 24 && later <= 24, `${first} of 500, then ${later} of 2000`)
  assert.ok(later > 0, 'they are still tried')
})

test('when trees begin to win they are taken up again', () => {
  const gate = new SpeculationGate()
  run(gate, 300, 2, 1.5)
  assert.ok(run(gate, 2000, 1, 2) > 1000)
})

test('without a plain step to compare with nothing is decided', () => {
  const gate = new SpeculationGate()
  for (let i = 0; i < 50; i++) gate.observe(true, 100, 1)
  assert.ok(gate.isOpen)
})

test.run()
