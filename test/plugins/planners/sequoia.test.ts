import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sequoiaPlanner } from '../../../plugins/planners/sequoia.js'
import type { PlanContext } from '../../../src/strategies/planner.js'
import { core } from '../../core/support/builders.js'

/** A row more costs 1 ms, a level 1 ms, a pass 10. */
function context(acceptance: readonly number[][], given: Partial<PlanContext> = {}): PlanContext {
  return {
    acceptance: acceptance.map((level) => Float64Array.from(level)),
    isGreedy: true,
    draftMs: (depth) => depth,
    stepMs: (rows) => 9 + rows,
    maxNodes: 16,
    maxDepth: 4,
    ...given,
  }
}

test('the tree of the plan has the size, the depth and the time that the plan names', () => {
  const { shape, maxNodes, maxDepth, expectedTokens, msPerToken } = sequoiaPlanner.plan(core, context([[0.8, 0.1]]))
  const { parents } = shape!
  assert.is(parents.length, maxNodes)
  let depth = 0
  for (let node = maxNodes - 1; node > 0; node = parents[node]) depth += 1
  assert.is(depth, maxDepth)
  const ms = 9 + maxNodes + maxDepth
  assert.ok(Math.abs(msPerToken! - ms / expectedTokens!) < 1e-9)
  assert.ok(msPerToken! < 10)
})

test('bounds hold', () => {
  const { maxNodes, maxDepth } = sequoiaPlanner.plan(core, context([[0.99]], { maxNodes: 3, maxDepth: 2 }))
  assert.equal([maxNodes, maxDepth], [3, 2])
  const wide = context([Array.from({ length: 20 }, () => 0.05)], { stepMs: () => 10, maxDepth: 1, maxNodes: 21 })
  assert.is(sequoiaPlanner.plan(core, wide).maxNodes, 9, 'eight children of a node at most')
})

test('a tree that saves nothing is none: the plan is the root, at the time of plain decoding', () => {
  // Two nodes: 12 ms for 1 + p tokens. p = 0.19 saves nothing, p = 0.21 saves 0.8 %.
  const plan = (p: number): number => sequoiaPlanner.plan(core, context([[p]], { maxDepth: 1 })).shape!.parents.length
  assert.equal([plan(0.19), plan(0.21)], [1, 2])
  const { msPerToken, expectedTokens, maxNodes } = sequoiaPlanner.plan(core, context([[0.1]]))
  assert.equal([msPerToken, expectedTokens, maxNodes], [10, 1, 1])
})

test('what others bring to a step makes a row that pays for one alone too dear', () => {
  const alone = context([[0.5]], { maxDepth: 1 })
  assert.is(sequoiaPlanner.plan(core, alone).maxNodes, 2)
  // 2 ms more for half a token more, in a step whose tokens take 1 ms each.
  const shared = { ...alone, beside: { ms: 0, tokens: 9 } }
  assert.is(sequoiaPlanner.plan(core, shared).maxNodes, 1)
})

test.run()
