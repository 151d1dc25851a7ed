import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ngramDrafter } from '../../../plugins/drafters/ngram.js'
import type { DraftRequest } from '../../../src/strategies/drafter.js'
import type { Plan } from '../../../src/strategies/plan.js'
import { runTogether } from '../../../src/passes/run-together.js'

const request: DraftRequest = {
  sampling: { temperature: 0, topK: 0, topP: 1, minP: 0 },
  key: { seed: 1n, choice: 0 },
  draws: 'coupled',
}
const flat: Plan = { maxNodes: 16, maxDepth: 6, stepMs: () => 1, maxQRows: 64, among: 1 }
const steep: Plan = { maxNodes: 16, maxDepth: 6, stepMs: (rows) => rows, maxQRows: 64, among: 1 }
const chainOf = (nodes: number): Int32Array => Int32Array.from({ length: nodes }, (_, i) => i - 1)

async function draft(history: number[], plan: Plan): Promise<{ parents: number[]; tokens: number[] }> {
  const [tree] = await runTogether([ngramDrafter().begin(request).draft(history, plan)])
  return { parents: [...tree.parents], tokens: [...tree.tokens] }
}

test('a text without repetition is not guessed at', async () => {
  assert.equal(await draft([1, 2, 3, 4], flat), { parents: [-1], tokens: [4] })
})

test('after a repeat the text is guessed to go on as it did', async () => {
  const { parents, tokens } = await draft([1, 2, 3, 4, 5, 9, 1, 2], flat)
  assert.equal(tokens, [2, 3, 4, 5, 9, 1, 2])
  assert.equal(parents, [-1, 0, 1, 2, 3, 4, 5])
})

test('different continuations become branches, the longest match first, then the most recent', async () => {
  const history = [7, 1, 2, 3, 8, 8, 2, 4, 6, 7, 1, 2]
  const plan: Plan = { ...flat, shape: { parents: Int32Array.of(-1, 0, 0) } }
  assert.equal((await draft(history, plan)).tokens, [2, 3, 4])
})

test('a pinned shape is filled as far as there are guesses', async () => {
  const plan: Plan = { ...flat, shape: { parents: chainOf(4) } }
  assert.equal((await draft([1, 2, 3, 1], plan)).tokens, [1, 2, 3, 1])
  assert.equal((await draft([5, 6, 7], plan)).tokens, [7])
})

test('where a row costs as much as a pass, weak guesses are left out', async () => {
  assert.equal((await draft([1, 2, 3, 1], steep)).tokens, [1])
})

test('guesses that keep failing are dropped, guesses that keep holding grow', async () => {
  const cost: Plan = { ...flat, stepMs: (rows) => 1 + 0.2 * (rows - 1) }
  const history = [1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3]
  const failing = ngramDrafter().begin(request)
  const holding = ngramDrafter().begin(request)
  const sizes = { failing: 0, holding: 0, first: 0 }
  for (let i = 0; i < 100; i++) {
    const [lost] = await runTogether([failing.draft(history, cost)])
    failing.commit({ path: new Int32Array(0), token: 99 })
    const [won] = await runTogether([holding.draft(history, cost)])
    holding.commit({ path: Int32Array.from({ length: won.tokens.length - 1 }, (_, n) => n + 1), token: 99 })
    if (i === 0) sizes.first = lost.tokens.length
    sizes.failing = lost.tokens.length
    sizes.holding = won.tokens.length
  }
  assert.ok(sizes.failing === 1 && sizes.holding > sizes.first && sizes.first > 1, JSON.stringify(sizes))
})

test.run()
