import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { AcceptanceStats } from '../../src/engine/acceptance.js'

test('before anything is measured the vector is the prior', () => {
  assert.equal(Array.from(new AcceptanceStats([0.5, 0.25]).vector()), [0.5, 0.25])
})

test('measured ranks move towards what was measured, unseen ranks stay', () => {
  const stats = new AcceptanceStats([0.5, 0.2, 0.125])
  for (let i = 0; i < 400; i++) stats.record(2, i % 4 === 0 ? 1 : -1)
  const [first, second, third] = stats.vector()
  assert.ok(first < 0.12, `never accepted, ${first}`)
  assert.ok(Math.abs(second - 0.24) < 0.03, `accepted every fourth time, ${second}`)
  assert.is(third, 0.125)
})

test('a draft that is switched off drifts back to its prior and so gets another try', () => {
  const stats = new AcceptanceStats([0.6])
  for (let i = 0; i < 200; i++) stats.record(1, -1)
  const low = stats.vector()[0]
  for (let i = 0; i < 900; i++) stats.idle()
  const back = stats.vector()[0]
  assert.ok(low < 0.15 && back > 0.55, `${low} then ${back}`)
})

test('what one sequence measured, the next ones start from, by as much as it measured', () => {
  const prior = Float64Array.of(0.6, 0.1)
  const stats = new AcceptanceStats(prior)
  stats.teach(prior)
  assert.equal([...prior], [0.6, 0.1])
  for (let i = 0; i < 400; i++) stats.record(1, i % 4 === 0 ? 0 : -1)
  stats.teach(prior)
  assert.ok(prior[0] > 0.25 && prior[0] < 0.45, `${prior[0]}`)
  assert.is(prior[1], 0.1)
})

test.run()
