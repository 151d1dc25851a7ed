import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { choosePlan, levelWidths } from '../../src/core/choose-plan.js'
import { core } from './support/builders.js'

/** Half of the first children are right, a quarter of the second ones. */
const frontier = core.plan({ acceptance: Float64Array.of(0.5, 0.25), maxNodes: 4, maxDepth: 3 })

test('what drafting and verifying cost is weighed against the tokens of each size', () => {
  const free = { frontier, targetMs: () => 10, draftMs: () => 0, overheadMs: 0 }
  // 1 + 1/2 + 1/4 + 1/4: one child more anywhere, and no level costs anything.
  const { nodes, expectedTokens, ms, msPerToken } = choosePlan(free)
  assert.equal({ nodes, expectedTokens, ms, msPerToken }, { nodes: 4, expectedTokens: 2, ms: 10, msPerToken: 5 })
  const byLevel = choosePlan({ ...free, draftMs: (depth) => 4 * depth })
  // Two children of the root: 14 ms for 1.75 tokens; one more level would cost 18 ms for 2.
  assert.equal([byLevel.nodes, byLevel.depth, byLevel.expectedTokens, byLevel.ms], [3, 1, 1.75, 14])
})

test('no speculation is a choice, and is taken on a tie', () => {
  // Two nodes give 1.5 tokens for 1.5 times the time.
  const chosen = choosePlan({ frontier, targetMs: (nodes) => 5 + 5 * nodes, draftMs: () => 0, overheadMs: 0 })
  assert.equal(chosen, { nodes: 1, depth: 0, expectedTokens: 1, ms: 10, msPerToken: 10 })
})

test('what others bring to the step makes rows dearer, and its overhead makes them cheaper', () => {
  const request = { frontier, targetMs: (nodes: number) => 10 + 4 * (nodes - 1), draftMs: () => 0, overheadMs: 0 }
  assert.is(choosePlan(request).nodes, 2, '14 ms for 1.5 tokens')
  assert.is(choosePlan({ ...request, beside: { ms: 0, tokens: 3 } }).nodes, 1)
  assert.ok(choosePlan({ ...request, overheadMs: 30 }).nodes > 2)
})

test('widths count the nodes of each level, as many levels as asked for', () => {
  assert.equal(levelWidths(Int32Array.of(-1, 0, 0, 1, 2, 2), 3), [1, 2, 3, 0])
  assert.equal(levelWidths(Int32Array.of(-1), 0), [1])
})

test.run()
