import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { AcceptanceStats } from '../../src/speculation/acceptance.js'

const plain = (vectors: readonly Float64Array[]): number[][] => vectors.map((vector) => Array.from(vector))

test('before anything is measured the vectors are the prior', () => {
  assert.equal(
    plain(
      new AcceptanceStats([
        [0.5, 0.25],
        [0.25, 0.125],
      ]).vectors(),
    ),
    [
      [0.5, 0.25],
      [0.25, 0.125],
    ],
  )
})

test('measured ranks move towards what was measured, unseen ranks stay', () => {
  const stats = new AcceptanceStats([[0.5, 0.2, 0.125]])
  for (let i = 0; i < 400; i++) stats.record(0, 2, i % 4 === 0 ? 1 : -1)
  const [[first, second, third]] = stats.vectors()
  assert.ok(first < 0.13, `never accepted, ${first}`)
  assert.ok(Math.abs(second - 0.24) < 0.03, `accepted every fourth time, ${second}`)
  assert.is(third, 0.125)
})

test('each level has its own measurements, all below the last share its', () => {
  const stats = new AcceptanceStats([[0.5], [0.5]])
  for (let i = 0; i < 400; i++) {
    stats.record(0, 1, i % 10 === 0 ? -1 : 0)
    stats.record(1 + (i % 3), 1, i % 10 === 0 ? 0 : -1)
  }
  const [[first], [below]] = stats.vectors()
  assert.ok(first > 0.72, `accepted nine times in ten, ${first}`)
  assert.ok(below < 0.28, `accepted once in ten, ${below}`)
})

test('a level that was never reached is expected to fare as the others do', () => {
  const stats = new AcceptanceStats([[0.4], [0.3]])
  for (let i = 0; i < 400; i++) stats.record(0, 1, i % 5 === 0 ? 0 : -1)
  const [[first], [below]] = stats.vectors()
  assert.ok(first < 0.26 && first > 0.18, `accepted every fifth time, ${first}`)
  assert.ok(Math.abs(below / 0.3 - first / 0.4) < 0.01, `as far below its prior, ${below}`)
})

test('a draft that is switched off drifts back to its prior and so gets another try', () => {
  const stats = new AcceptanceStats([[0.6], [0.5]])
  for (let i = 0; i < 200; i++) stats.record(i % 2, 1, -1)
  const low = stats.vectors()[0][0]
  for (let i = 0; i < 900; i++) stats.idle()
  const [[back], [below]] = stats.vectors()
  assert.ok(low < 0.15 && back > 0.55 && below > 0.45, `${low} then ${back} and ${below}`)
})

test('what one sequence measured, the next ones start from, by as much as it measured', () => {
  const prior = [Float64Array.of(0.6, 0.1), Float64Array.of(0.5, 0.1)]
  const stats = new AcceptanceStats(prior)
  stats.teach(prior)
  assert.equal(plain(prior), [
    [0.6, 0.1],
    [0.5, 0.1],
  ])
  for (let i = 0; i < 400; i++) stats.record(0, 1, i % 4 === 0 ? 0 : -1)
  stats.teach(prior)
  assert.ok(prior[0][0] > 0.25 && prior[0][0] < 0.45, `${prior[0][0]}`)
  assert.equal([prior[0][1], ...prior[1]], [0.1, 0.5, 0.1])
})

test.run()
