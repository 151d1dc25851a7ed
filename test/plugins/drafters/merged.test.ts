import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mergedDrafter } from '../../../plugins/drafters/merged.js'
import type { Drafter, DraftSession, DraftTree, PassingDraftSession, Plan } from '../../../src/plugin/index.js'
import { runTogether, type Passes } from '../../../src/plugin/run-together.js'
import { closeEngines, engineFor } from '../../support/engines.js'
import { assertEqualsPlain, newTotals } from '../../support/equality.js'

const merged = suite('n-grams and a model together')
merged.after(closeEngines)

merged('planned trees give the tokens of plain decoding, greedy and with a seed, where a text repeats itself and where not', async () => {
  const engine = await engineFor({ target: 'micro' })
  assert.ok(engine.info.drafts.includes('merged'))
  const totals = newTotals()
  for (const sampling of [{}, { temperature: 0.8, seed: 3 }]) {
    for (const prompt of ['## Install\n\n```sh\nnpm install\n```\n'.repeat(4), 'This package is']) {
      await assertEqualsPlain(engine, { prompt, maxTokens: 100, draft: 'merged', ...sampling }, totals, prompt)
    }
  }
  assert.ok(totals.accepted > 0, JSON.stringify(totals))
  assert.is(engine.usage().slotsUsed, 0)
})

// oxlint-disable-next-line require-yield -- takes no pass
function* at(tree: DraftTree): Passes<DraftTree> {
  return tree
}

/** A drafter whose tree has one node under the root, `token`; says which of its trees were committed. */
function saying(token: number, msPerToken: number | undefined, log: string[]): Drafter<PassingDraftSession> {
  const tree: DraftTree = { parents: Int32Array.of(-1, 0), tokens: Int32Array.of(1, token), depths: Int32Array.of(0, 1), msPerToken }
  const session: PassingDraftSession = { prepare: async () => {}, draft: () => at(tree), commit: () => log.push(`${token}`), release: () => log.push(`released ${token}`) }
  return { name: `says ${token}`, growth: 'static', begin: () => session, dispose: async () => {} }
}

merged('the tree that promises tokens for less time is taken, and it alone hears what became of it', async () => {
  const log: string[] = []
  const verdict = { path: new Int32Array(0), token: 5 } as Parameters<DraftSession['commit']>[0]
  const plan: Plan = { maxNodes: 2, maxDepth: 1, msPerToken: 10, guess: { maxNodes: 8, maxDepth: 4, stepMs: () => 12 }, stepMs: () => 12, maxQRows: 64, among: 1 }
  for (const msPerToken of [9, 11]) {
    const session = mergedDrafter(saying(1, undefined, log), saying(2, msPerToken, log)).begin({} as Parameters<Drafter['begin']>[0])
    const [tree] = await runTogether([session.draft([1], plan)])
    assert.is(tree.tokens[1], msPerToken < 10 ? 2 : 1)
    session.commit(verdict)
    session.release()
  }
  // A guess that is not worth its time is no tree even where the model has none: whoever hears of the outcome must have made the tree.
  const resting = mergedDrafter(saying(1, undefined, log), saying(2, 11, log)).begin({} as Parameters<Drafter['begin']>[0])
  assert.is((await runTogether([resting.draft([1], { ...plan, maxNodes: 1 })]))[0].tokens[1], 1)
  const pinned = mergedDrafter(saying(1, undefined, log), saying(2, 1, log)).begin({} as Parameters<Drafter['begin']>[0])
  assert.is((await runTogether([pinned.draft([1], { ...plan, guess: undefined })]))[0].tokens[1], 1, 'a pinned shape is the model\'s')
  assert.equal(log, ['2', 'released 1', 'released 2', '1', 'released 1', 'released 2'])
})

merged.run()
