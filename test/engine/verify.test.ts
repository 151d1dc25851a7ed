/** One target pass over all trees, and each sequence's own walk. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Sequence } from '../../src/engine/sequence.js'
import { verify, type Verified } from '../../src/engine/verify.js'
import { rootTree, type DraftTree } from '../../src/strategies/tree.js'
import { Desk, errorOf, letters, treeOf } from '../support/desk.js'

const FORK = treeOf([2, 1, 0, 0], [-1, 0, 0, 2])

function verified(desk: Desk, sequences: Sequence[], drafts: (DraftTree | Error)[]): Promise<Verified[]> {
  return verify(desk.target, letters, sequences, drafts, [])
}

test('all trees share one pass, and each walk goes down the path that the target agrees with', async () => {
  const desk = new Desk()
  const sequences = [await desk.begin(), await desk.begin()]
  const [one, other] = await verified(desk, sequences, [FORK, rootTree(2)])
  assert.is(desk.forward.passes.length, 1)
  assert.equal([...desk.forward.passes[0].tokens], [2, 1, 0, 0, 2])
  assert.equal([...desk.forward.passes[0].positions], [0, 1, 1, 2, 0])
  assert.not.instance(one.outcome, Error)
  assert.not.instance(other.outcome, Error)
  if (one.outcome instanceof Error || other.outcome instanceof Error) return
  assert.equal([[...one.outcome.verdict.path], one.outcome.verdict.token], [[2, 3], 0])
  assert.equal([[...other.outcome.verdict.path], other.outcome.verdict.token], [[], 0])
  assert.equal([one.slots.length, other.slots.length], [4, 1])
})

test('a drafter that failed ends its own sequence alone', async () => {
  const desk = new Desk()
  const failure = new Error('no guess')
  const results = await verified(desk, [await desk.begin(), await desk.begin()], [failure, FORK])
  assert.is(results[0].outcome, failure)
  assert.not.instance(results[1].outcome, Error)
})

test('a walk that fails, as where masks leave no token, ends its own sequence alone', async () => {
  const desk = new Desk()
  const stuck = await desk.begin()
  const failure = new Error('no token left')
  stuck.sampling.verify = () => {
    throw failure
  }
  const results = await verified(desk, [stuck, await desk.begin()], [rootTree(2), rootTree(2)])
  assert.is(results[0].outcome, failure)
  assert.not.instance(results[1].outcome, Error)
})

test('a pass that fails leaves no slot taken', async () => {
  const desk = new Desk()
  const sequence = await desk.begin()
  desk.forward.failure = new Error('out of order')
  const error = await errorOf(() => verified(desk, [sequence], [FORK]))
  assert.is(error.message, 'out of order')
  assert.is(sequence.cache.used, 0)
})

test('a request that asks for it gets its tree told', async () => {
  const desk = new Desk()
  const [told] = await verified(desk, [await desk.begin({ trace: true })], [FORK])
  assert.equal(told.trace?.texts, ['c', 'b', 'a', 'a'])
  const [silent] = await verified(desk, [await desk.begin()], [FORK])
  assert.is(silent.trace, undefined)
})

test.run()
