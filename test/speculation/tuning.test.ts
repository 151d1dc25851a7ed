import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { tuningOf, type TuningParts } from '../../src/speculation/tuning.js'
import { drafterOf, speculationOf } from './support/builders.js'

const ACCEPTANCE = [[0.6, 0.15, 0.05]]
/** A pass of the draft takes a millisecond, whatever it holds. */
const draft = {
  drafter: drafterOf({ draftMs: (depth) => depth }),
  times: { rows: [1, 2], baseMs: [1, 2], slotMs: [0.5, 0.5] },
}
const parts = (given: Partial<TuningParts> = {}): TuningParts => ({
  ...speculationOf(ACCEPTANCE).parts,
  draft,
  ...given,
})
const near = (found: number, expected: number): void => assert.ok(Math.abs(found - expected) < 1e-9, `${found}`)

test('plain decoding is a pass of one row and what a step takes beside it', () => {
  const { plainTokensPerSecond, context } = tuningOf(parts({ overheadMs: () => 2.5 }))
  assert.is(context, 256)
  assert.is(plainTokensPerSecond, 80)
})

test('tables have a row for each measured size and a column for each context', () => {
  const { target, draft: times } = tuningOf(parts())
  assert.equal(target.rows, [1, 8, 16, 32, 128])
  assert.equal(times!.contexts, [128, 256, 512, 1024, 2048])
  assert.equal(times!.ms, [
    [65, 129, 257, 513, 1025],
    [66, 130, 258, 514, 1026],
  ])
})

test('without a draft there is no table of it, and both plans are plain decoding', () => {
  const { draft: times, plan, summary } = tuningOf(parts({ draft: null }))
  assert.is(times, null)
  assert.equal(plan.greedy, plan.sampled)
  assert.equal(plan.greedy, { nodes: 1, depth: 0, parents: [-1], msPerStep: 10, msPerToken: 10, tokensPerSecond: 100 })
  assert.match(summary, /10\.0 ms for 1 row, .*12\.0 for 8, 15\.0 for 16; .*no tree of the model draft pays/)
})

test('the plan gives more than plain decoding where drafts are accepted, with the times of its own tree', () => {
  const { plan, summary } = tuningOf(parts())
  const { nodes, depth, parents, msPerToken, tokensPerSecond } = plan.greedy
  assert.ok(nodes > 1 && parents.length === nodes && depth > 0)
  assert.ok(msPerToken < 10)
  near(tokensPerSecond, 1000 / msPerToken)
  assert.ok(summary.includes(`${nodes} nodes on ${depth} levels, ${(10 / msPerToken).toFixed(2)} times plain decoding`))
})

test('a tree that is given is worth its paths, a child beyond the known ranks nothing', () => {
  // Levels [0.5, 0.25] below the root, [0.5] below those: 1 + 0.5 + 0.25 + 0 + 0.25 tokens of 12 + 2 ms at most.
  const acceptance = { greedy: [[0.5, 0.25], [0.5]], sampled: [[0.5]] }
  const { greedy } = tuningOf(parts({ acceptance }), 256, [-1, 0, 0, 0, 1]).plan
  assert.equal([greedy.nodes, greedy.depth, greedy.parents], [5, 2, [-1, 0, 0, 0, 1]])
  const msPerStep = 10 + (2 * 4) / 7 + 2
  near(greedy.msPerStep, msPerStep)
  near(greedy.msPerToken, msPerStep / 2)
})

test.run()
