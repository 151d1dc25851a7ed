import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CostMeter } from '../../src/speculation/cost-meter.js'

const near = (actual: number, expected: number, share: number): void =>
  assert.ok(Math.abs(actual / expected - 1) < share, `${actual} is not about ${expected}`)

test('what makes plain steps and tree steps slower alike changes nothing', () => {
  const meter = new CostMeter()
  for (let i = 0; i < 100; i++) {
    meter.observe(null, 2, 1)
    meter.observe('model', 6, 3)
  }
  near(meter.treeFactor('model'), 1, 1e-9)
})

test('a machine that slows down for a while changes little, whichever steps it meets', () => {
  const meter = new CostMeter()
  for (let i = 0; i < 3000; i++) {
    const slow = Math.floor(i / 300) % 2 === 0 ? 1 : 1.8
    meter.observe(i % 10 === 0 ? 'model' : null, slow, 1)
    if (i > 600) near(meter.treeFactor('model'), 1, 0.05)
  }
})

test('trees that cost more than predicted, beside plain steps, are marked up by as much, each kind for itself', () => {
  const meter = new CostMeter()
  for (let i = 0; i < 1000; i++) {
    meter.observe(null, 1, 1)
    meter.observe('model', 1.5, 1)
  }
  near(meter.treeFactor('model'), 1.5, 0.02)
  assert.is(meter.treeFactor('guess'), 1)
})

test('however wrong the predictions are, the ratio is found', () => {
  const meter = new CostMeter()
  for (let i = 0; i < 1000; i++) {
    meter.observe(null, 1, 4)
    meter.observe('model', 8, 4)
  }
  near(meter.treeFactor('model'), 8, 0.1)
})

test('one disturbed step weighs little', () => {
  const meter = new CostMeter()
  meter.observe(null, 1, 1)
  for (let i = 0; i < 50; i++) meter.observe('model', 1, 1)
  meter.observe('model', 100, 1)
  near(meter.treeFactor('model'), 1, 0.02)
})

test('while no trees are tried an unfavourable view of them fades', () => {
  const meter = new CostMeter()
  meter.observe(null, 1, 1)
  for (let i = 0; i < 50; i++) meter.observe('model', 2, 1)
  assert.ok(meter.treeFactor('model') > 1.5)
  for (let i = 0; i < 30_000; i++) meter.observe(null, 1, 1)
  assert.ok(meter.treeFactor('model') < 1.1)
})

test('trees tell nothing before there was a plain step, and what another process found is taken over', () => {
  const meter = new CostMeter({ model: { factor: 1.3, count: 100 } })
  for (let i = 0; i < 50; i++) meter.observe('model', 9, 1)
  assert.equal([meter.treeFactor('model'), meter.treeFactor('guess')], [1.3, 1])
})

test('predictions that change take nothing from what is known', () => {
  const meter = new CostMeter()
  for (let i = 0; i < 500; i++) {
    meter.observe(null, 2, 1)
    meter.observe('model', 6, 2)
  }
  // Plain steps are predicted to take 2 times, a model's trees 3 times what they were.
  const before = meter.treeFactor('model')
  meter.rebase(2, { model: 3 })
  near(meter.treeFactor('model'), (before * 2) / 3, 1e-9)
  for (let i = 0; i < 500; i++) {
    meter.observe(null, 2, 2)
    meter.observe('model', 6, 6)
  }
  near(meter.treeFactor('model'), 1, 0.01)
})

test.run()
