// @process native
/**
 * What every drafter of the registry promises, on the micro pair: trees in level order within the plan's bounds, all
 * slots given back, sessions that go on from what others saved, and texts that are plain decoding's.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { drafters } from '../../../plugins/drafters/index.js'
import { Core } from '../../../src/core/index.js'
import { openModel, openRunner } from '../../../src/open/open-model.js'
import { checkOptions } from '../../../src/open/check-options.js'
import type { ModelRunner } from '../../../src/passes/model-runner.js'
import { runTogether } from '../../../src/passes/run-together.js'
import { openDrafters } from '../../../src/strategies/drafter-entry.js'
import type { DraftRequest, Drafter, DraftSession } from '../../../src/strategies/drafter.js'
import type { Plan } from '../../../src/strategies/plan.js'
import type { DraftTree } from '../../../src/strategies/tree.js'
import { closeEngines, engineFor } from '../../support/engines.js'
import { assertEqualsPlain, assertSpeculated, newTotals, TREES } from '../../support/equality.js'

const conformance = suite('every drafter')
const stepMs = (rows: number): number => 10 + 0.1 * rows
const BOUNDS: Plan = { maxNodes: 12, maxDepth: 4, maxQRows: 24, among: 1, msPerToken: 8, stepMs }
const PLANS: Record<string, Plan> = {
  pinned: { ...BOUNDS, shape: { parents: Int32Array.from(TREES.bush) } },
  guessed: { ...BOUNDS, shape: { parents: Int32Array.of(-1, 0, 1) }, guess: { maxNodes: 12, maxDepth: 4, stepMs } },
  grown: BOUNDS,
}
const REQUEST: DraftRequest = {
  sampling: { temperature: 0, topK: 0, topP: 1, minP: 0 },
  key: { seed: 3n, choice: 0 },
  draws: 'coupled',
}

const options = checkOptions({ target: 'micro-draft' })
const SIZE = { maxSlots: 256, maxLogitRows: 32, maxLanes: 2 }
const model = await openModel('micro-draft', options)
const runner: ModelRunner = await openRunner(Core.load(), model, SIZE, options)
const open = openDrafters(drafters, { model: { runner, passMs: () => 0.4, drawMs: () => 0.02 }, pastTokens: 0 })
conformance.after(async () => {
  for (const drafter of open.values()) await drafter.dispose()
  await closeEngines()
})

const history = model.tokenizer.encode('Install with npm. Install with npm. Install with')
const draft = async (session: DraftSession, text: readonly number[], plan: Plan): Promise<DraftTree> => {
  const work = session.draft(text, plan)
  return 'next' in work ? (await runTogether([work]))[0] : work
}
const pieces = ({ tokens, parents }: DraftTree): number[][] => [[...tokens], [...parents]]

function assertWellFormed(tree: DraftTree, text: readonly number[], { maxNodes, maxDepth }: Plan): void {
  const { parents, tokens, depths, q } = tree
  assert.equal([tokens.length, depths.length], [parents.length, parents.length])
  assert.is(tokens[0], text[text.length - 1])
  assert.equal([parents[0], depths[0]], [-1, 0])
  for (let node = 1; node < parents.length; node++) {
    assert.ok(parents[node] >= 0 && parents[node] < node, `node ${node} under ${parents[node]}`)
    assert.is(depths[node], depths[parents[node]] + 1)
    assert.ok(depths[node] >= depths[node - 1], 'levels follow each other')
  }
  assert.ok(parents.length <= maxNodes)
  assert.ok(depths[depths.length - 1] <= maxDepth)
  if (q) assert.is(q.rows.length, parents.length)
}

conformance('the registry opens all of them, each under its own name', () => {
  assert.equal(
    [...open.keys()],
    drafters.map(({ name }) => name),
  )
  for (const [name, drafter] of open) assert.is(drafter.name, name)
  const alone = openDrafters(drafters, { model: null, pastTokens: 0 })
  assert.equal([...alone.keys()], ['ngram'], 'without a draft model those that need one are left out')
})

for (const [name, drafter] of open as Map<string, Drafter>) {
  for (const [kind, plan] of Object.entries(PLANS)) {
    conformance(`${name}: ${kind} trees are well formed and within bounds, and every slot comes back`, async () => {
      const session = drafter.begin(REQUEST)
      await session.prepare(history)
      const text = [...history]
      for (const path of [[], [1]]) {
        const tree = await draft(session, text, plan)
        assertWellFormed(tree, text, plan)
        if (tree.parents.length === 1) continue
        session.commit({ path: Int32Array.from(path), token: 5 })
        text.push(...path.map((node) => tree.tokens[node]), 5)
      }
      await draft(session, text, plan)
      session.release()
      assert.is(runner.memory.usage.slotsUsed, 0)
    })
  }

  conformance(`${name}: a session that takes over what another saved drafts as that one does`, async () => {
    const [first, second] = [drafter.begin(REQUEST), drafter.begin(REQUEST)]
    await first.prepare(history)
    const count = history.length - 2
    const saved = await first.save?.(0, count)
    if (saved) await second.restore!(saved, count)
    const trees = [await draft(first, history, PLANS.pinned), await draft(second, history, PLANS.pinned)]
    assert.equal(pieces(trees[1]), pieces(trees[0]))
    first.release()
    second.release()
    assert.is(runner.memory.usage.slotsUsed, 0)
  })

  conformance(`${name}: the text is plain decoding's, greedy and sampled`, async () => {
    const engine = await engineFor({ target: 'micro' })
    const totals = newTotals()
    for (const more of [{}, { temperature: 0.8, seed: 7 }]) {
      const request = { prompt: '- [ ] one\n'.repeat(6), maxTokens: 48, draft: name, tree: TREES.fork, ...more }
      await assertEqualsPlain(engine, request, totals, name)
    }
    assertSpeculated(totals)
    assert.is(engine.usage().slotsUsed, 0)
  })
}

conformance.run()
