import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { kindOfStep, Meters, type SeenStep } from '../../src/speculation/meters.js'
import type { PassTimes } from '../../src/speculation/pass-times.js'
import { kindOf } from '../../src/speculation/state.js'
import type { DraftTree } from '../../src/strategies/tree.js'
import { drafterOf, speculationOf } from './support/builders.js'

const ROOT: DraftTree = { parents: Int32Array.of(-1), tokens: Int32Array.of(0), depths: Int32Array.of(0) }
const GUESS: DraftTree = { parents: Int32Array.of(-1, 0), tokens: Int32Array.of(0, 1), depths: Int32Array.of(0, 1) }
const DRAWN: DraftTree = { ...GUESS, q: { logitsPtr: 0, rows: Int32Array.of(0, -1) } }

const timesOf = (): PassTimes => ({ rows: [1, 2, 4], baseMs: [10, 12, 16], slotMs: [0, 0, 0] })

const state = speculationOf().begin(
  { sampling: { temperature: 0, topK: 0, topP: 1, minP: 0 }, maxNodes: 64 },
  drafterOf({ draftMs: (depth) => depth * 3 }),
  0,
)

function stepOf(...trees: DraftTree[]): SeenStep {
  const outcomes = trees.map((tree) => ({ state, tree, path: new Int32Array(0), emitted: 1, context: 10 }))
  return { outcomes, kinds: trees.map(kindOf) }
}

test('a step takes the pass over all trees and what drew them', () => {
  const meters = new Meters({ target: timesOf(), overheadMs: () => 1 })
  assert.is(meters.predictedMs(stepOf(ROOT)), 11)
  assert.is(meters.predictedMs(stepOf(GUESS)), 13)
  assert.is(meters.predictedMs(stepOf(DRAWN)), 16)
  assert.is(meters.predictedMs(stepOf(DRAWN, GUESS)), 20)
  assert.is(meters.plainMs(stepOf(DRAWN, GUESS)), 13)
})

test('a step with trees of a model is one of the model', () => {
  assert.equal(
    [kindOfStep(stepOf(GUESS, DRAWN)), kindOfStep(stepOf(GUESS, ROOT)), kindOfStep(stepOf(ROOT))],
    ['model', 'guess', null],
  )
})

test('each doubling of the load has a view of its own, and what is kept of them is taken over', () => {
  const meters = new Meters({ target: timesOf(), overheadMs: () => 0 })
  for (let i = 0; i < 300; i++) {
    meters.observe(stepOf(ROOT), 10, 10)
    meters.observe(stepOf(GUESS), 18, 12)
  }
  meters.observe(stepOf(ROOT, ROOT), 12, 12)
  assert.ok(meters.treeFactor('guess', 1) > 1.45)
  assert.is(meters.treeFactor('guess', 2), 1)
  const next = new Meters({ target: timesOf(), overheadMs: () => 0 }, meters.kept)
  assert.is(next.treeFactor('guess', 1), meters.treeFactor('guess', 1))
})

test('when the times are corrected a known tree is expected to cost what it did', () => {
  const target = timesOf()
  const meters = new Meters({ target, overheadMs: () => 0 })
  for (let i = 0; i < 300; i++) {
    meters.observe(stepOf(ROOT), 20, 10)
    meters.observe(stepOf(GUESS), 30, 12)
    meters.observe(stepOf(DRAWN), 30, 15)
  }
  /** Relative to a plain step. */
  const cost = (step: SeenStep, kind: 'model' | 'guess'): number =>
    (meters.treeFactor(kind, 1) * meters.predictedMs(step)) / meters.plainMs(step)
  const before = [cost(stepOf(GUESS), 'guess'), cost(stepOf(DRAWN), 'model')]
  meters.whileCorrected(() => (target.baseMs = [20, 30, 40]))
  const after = [cost(stepOf(GUESS), 'guess'), cost(stepOf(DRAWN), 'model')]
  after.forEach((ms, i) => assert.ok(Math.abs(ms / before[i] - 1) < 1e-9, `${before[i]} became ${ms}`))
  const factor = meters.treeFactor('guess', 1)
  assert.ok(Math.abs(factor - 1) < 0.02, `predictions are right now, and the factor is ${factor}`)
})

test.run()
