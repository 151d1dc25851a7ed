/** One decode step: plan, draft, verify, commit. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { step } from '../../src/engine/step.js'
import { Desk, errorOf, treeOf } from '../support/desk.js'

const CHAIN = [-1, 0, 1]

test('a step drafts for those who draft, runs one pass for all, and gives each its part', async () => {
  const desk = new Desk()
  desk.drafter.tree = Promise.resolve(treeOf([2, 0, 1], CHAIN))
  const sequences = [await desk.begin({ tree: CHAIN }), await desk.begin({ draft: 'none' })]
  const parts = await step(desk.context, sequences, [])
  assert.is(desk.forward.passes.length, 1)
  assert.equal(
    parts.map(({ tokens, accepted }) => [tokens, accepted]),
    [
      [[0, 0], 1],
      [[0], 0],
    ],
  )
  const { passes, steps, drafted, accepted } = desk.context.recorder.totals
  assert.equal([passes, steps, drafted, accepted], [1, 2, 2, 1])
  assert.equal(
    sequences.map(({ speculation }) => speculation.steps),
    [1, 1],
  )
})

test('a drafter that fails by itself ends its own request, and the step goes on', async () => {
  const desk = new Desk()
  const failing = await desk.begin({ tree: CHAIN })
  const other = await desk.begin({ draft: 'none' })
  desk.drafter.tree = Promise.reject(new Error('no guess'))
  const parts = await step(desk.context, [failing, other], [])
  assert.is(failing.failure?.message, 'no guess')
  assert.equal(parts[1].tokens, [0])
})

test('nothing is drafted for the last token of an answer', async () => {
  const desk = new Desk()
  desk.drafter.tree = Promise.reject(new Error('it was asked'))
  desk.drafter.tree.catch(() => undefined)
  const sequence = await desk.begin({ tree: CHAIN, maxTokens: 1 })
  assert.equal((await step(desk.context, [sequence], []))[0].tokens, [0])
  assert.is(sequence.failure, null)
})

test('a pass that fails is thrown, and no sequence has advanced', async () => {
  const desk = new Desk()
  const sequence = await desk.begin({ draft: 'none' })
  desk.forward.failure = new Error('out of order')
  assert.is((await errorOf(() => step(desk.context, [sequence], []))).message, 'out of order')
  assert.equal(sequence.tokens, [2])
  assert.equal((await step(desk.context, [sequence], []))[0].tokens, [0], 'the next step makes up for it')
})

test('who asked for a trace gets the tree of the step', async () => {
  const desk = new Desk()
  desk.drafter.tree = Promise.resolve(treeOf([2, 0, 1], CHAIN))
  const [{ trace }] = await step(desk.context, [await desk.begin({ tree: CHAIN, trace: true })], [])
  assert.equal([...trace!.parents], CHAIN)
})

test.run()
