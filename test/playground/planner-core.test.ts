/** The page's planner over the same core as the engine's. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { acceptanceOf, bestChain, MOST_DEPTH, MOST_NODES, Planner, RANKS } from '../../playground/planner-core.js'
import { choosePlan, Core } from '../../src/core/index.js'

const bytes = readFileSync(createRequire(import.meta.url).resolve('sequoia-onnx/wasm'))
const costs = { row: 0.04, draft: 0.1 }

test('acceptance by rank is a law: the first guess, and a share of the rest', () => {
  const acceptance = acceptanceOf(0.6, 0.5)
  assert.is(acceptance.length, RANKS)
  assert.is(acceptance[0], 0.6)
  assert.ok(Math.abs(acceptance.reduce((sum, p) => sum + p) - 0.8) < 1e-12)
})

test("the page plans the engine's trees", async () => {
  const planner = await Planner.from(bytes)
  for (const [first, others] of [
    [0.5, 0.7],
    [0.8, 0.2],
  ]) {
    const acceptance = acceptanceOf(first, others)
    planner.plan(acceptance)
    const vector = Float64Array.from(acceptance)
    const frontier = Core.load().plan({ acceptance: vector, maxNodes: MOST_NODES, maxDepth: MOST_DEPTH })
    const chosen = choosePlan({
      frontier,
      targetMs: (nodes) => 1 + (nodes - 1) * costs.row,
      draftMs: (depth) => depth * costs.draft,
      overheadMs: 0,
    })
    const best = planner.best(MOST_NODES, costs)
    assert.equal([best.nodes, best.depth], [chosen.nodes, chosen.depth])
    assert.ok(Math.abs(best.speedup - 1 / chosen.msPerToken) < 1e-12)
    assert.equal(planner.tree(best.nodes, best.depth), Array.from(frontier.tree(best.nodes, best.depth).parents))
  }
})

test('a tree is never worse than a chain, and plain decoding is what is left where rows cost too much', async () => {
  const planner = await Planner.from(bytes)
  planner.plan(acceptanceOf(0.6, 0.7))
  for (const budget of [2, 8, 64]) assert.ok(planner.best(budget, costs).speedup >= bestChain(0.6, budget, costs))
  assert.equal(planner.best(64, { row: 3, draft: 1 }), { nodes: 1, depth: 0, tokens: 1, speedup: 1 })
})

test.run()
