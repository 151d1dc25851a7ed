import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CostMeter } from '../../src/engine/cost-meter.js'

test('what makes plain steps and tree steps slower alike changes nothing', () => {
  const meter = new CostMeter()
  for (let i = 0; i < 100; i++) {
    meter.observe(false, 2, 1)
    meter.observe(true, 6, 3)
  }
  assert.ok(Math.abs(meter.treeFactor - 1) < 1e-9)
})

test('trees that cost more than predicted, beside plain steps, are marked up by as much', () => {
  const meter = new CostMeter()
  for (let i = 0; i < 1000; i++) {
    meter.observe(false, 1, 1)
    meter.observe(true, 1.5, 1)
  }
  assert.ok(Math.abs(meter.treeFactor - 1.5) < 0.1)
})

test('one disturbed step weighs little', () => {
  const meter = new CostMeter()
  for (let i = 0; i < 50; i++) meter.observe(true, 1, 1)
  meter.observe(true, 100, 1)
  assert.ok(meter.treeFactor > 1 && meter.treeFactor < 1.02)
})

test('while no trees are tried an unfavourable view of them fades', () => {
  const meter = new CostMeter()
  for (let i = 0; i < 50; i++) meter.observe(true, 2, 1)
  for (let i = 0; i < 3000; i++) meter.observe(false, 1, 1)
  assert.ok(meter.treeFactor < 1.1)
})

test.run()
