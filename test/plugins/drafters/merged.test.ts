// @process native
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mergedDrafter } from '../../../plugins/drafters/merged.js'
import { type GuessingSession, ngramDrafter } from '../../../plugins/drafters/ngram.js'
import type { Drafter, DraftRequest, DraftSession } from '../../../src/strategies/drafter.js'
import type { Plan } from '../../../src/strategies/plan.js'
import type { DraftTree } from '../../../src/strategies/tree.js'
import type { Passes } from '../../../src/passes/pass-part.js'
import { runTogether } from '../../../src/passes/run-together.js'
import { closeEngines, engineFor } from '../../support/engines.js'
import { assertEqualsPlain, newTotals } from '../../support/equality.js'

const COUPLED: DraftRequest = {
  sampling: { temperature: 0, topK: 0, topP: 1, minP: 0 },
  key: { seed: 1n, choice: 0 },
  draws: 'coupled',
}
const merged = suite('n-grams and a model together')
merged.after(closeEngines)

merged(
  'planned trees give the tokens of plain decoding, greedy and with a seed, where a text repeats itself and where not',
  async () => {
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
  },
)

// oxlint-disable-next-line require-yield -- takes no pass
function* at(tree: DraftTree): Passes<DraftTree> {
  return tree
}

/** A drafter whose tree has one node under the root, `token`; says which of its trees were committed. */
function saying(token: number, msPerToken: number | undefined, log: string[]): Drafter<GuessingSession> {
  const tree: DraftTree = {
    parents: Int32Array.of(-1, 0),
    tokens: Int32Array.of(1, token),
    depths: Int32Array.of(0, 1),
    msPerToken,
  }
  const session: GuessingSession = {
    prepare: async () => {},
    draft: () => at(tree),
    graft: () => [],
    commitGrafts: () => 0,
    commit: () => log.push(`${token}`),
    release: () => log.push(`released ${token}`),
  }
  return { name: `says ${token}`, growth: 'static', begin: () => session, dispose: async () => {} }
}

merged('the tree that promises tokens for less time is taken, and it alone hears what became of it', async () => {
  const log: string[] = []
  const verdict = { path: new Int32Array(0), token: 5 } as Parameters<DraftSession['commit']>[0]
  const plan: Plan = {
    maxNodes: 2,
    maxDepth: 1,
    msPerToken: 10,
    guess: { maxNodes: 8, maxDepth: 4, stepMs: () => 12 },
    stepMs: () => 12,
    maxQRows: 64,
    among: 1,
  }
  for (const msPerToken of [9, 11]) {
    const session = mergedDrafter(saying(1, undefined, log), saying(2, msPerToken, log)).begin(COUPLED)
    const [tree] = await runTogether([session.draft([1], plan)])
    assert.is(tree.tokens[1], msPerToken < 10 ? 2 : 1)
    session.commit(verdict)
    session.release()
  }
  // A guess that is not worth its time is no tree even where the model has none: whoever hears of the outcome must have
  // made the tree.
  const resting = mergedDrafter(saying(1, undefined, log), saying(2, 11, log)).begin(COUPLED)
  assert.is((await runTogether([resting.draft([1], { ...plan, maxNodes: 1 })]))[0].tokens[1], 1)
  const pinned = mergedDrafter(saying(1, undefined, log), saying(2, 1, log)).begin(COUPLED)
  assert.is(
    (await runTogether([pinned.draft([1], { ...plan, guess: undefined })]))[0].tokens[1],
    1,
    "a pinned shape is the model's",
  )
  assert.equal(log, ['2', 'released 1', 'released 2', '1', 'released 1', 'released 2'])
})

/** Draws one token under the root and one under that, every time, and keeps the paths it is told. */
function drawing(tokens: readonly [number, number], paths: number[][]): Drafter<GuessingSession> {
  const drafter = saying(0, undefined, [])
  const tree: DraftTree = {
    parents: Int32Array.of(-1, 0, 1),
    tokens: Int32Array.of(2, ...tokens),
    depths: Int32Array.of(0, 1, 2),
    q: { logitsPtr: 8, rows: Int32Array.of(0, 1, -1) },
  }
  return {
    ...drafter,
    begin: (request) => ({
      ...drafter.begin(request),
      draft: () => at(tree),
      commit: ({ path }) => paths.push([...path]),
    }),
  }
}

const CHEAP: Plan = {
  maxNodes: 3,
  maxDepth: 2,
  msPerToken: 10,
  guess: { maxNodes: 6, maxDepth: 4, stepMs: () => 100 },
  stepMs: (rows) => 20 + 0.1 * rows,
  maxQRows: 64,
  among: 1,
}
/** The text ends in 1 2, after which 3 4 5 came before. */
const HISTORY = [9, 1, 2, 3, 4, 5, 8, 9, 1, 2]

merged(
  'guesses are hung onto the tree that the model drew: beside its tokens, or on from those it drew as well',
  async () => {
    const beside = mergedDrafter(drawing([7, 6], []), ngramDrafter()).begin(COUPLED)
    const [tree] = await runTogether([beside.draft(HISTORY, CHEAP)])
    assert.equal([...tree.tokens], [2, 7, 3, 6, 4, 5])
    assert.equal([...tree.parents], [-1, 0, 0, 1, 2, 4])
    assert.equal([...tree.depths], [0, 1, 1, 2, 2, 3])
    assert.equal([...tree.guessed!], [0, 0, 1, 0, 1, 1])
    assert.equal([...tree.q!.rows], [0, 1, -1, -1, -1, -1])
    const onwards = mergedDrafter(drawing([3, 6], []), ngramDrafter()).begin(COUPLED)
    const [shared] = await runTogether([onwards.draft(HISTORY, CHEAP)])
    assert.equal([...shared.tokens], [2, 3, 6, 4, 5, 8])
    assert.equal([...shared.parents], [-1, 0, 1, 1, 3, 4])
  },
)

merged('no guess lies deeper than the plan allows', async () => {
  const session = mergedDrafter(drawing([3, 4], []), ngramDrafter()).begin(COUPLED)
  const [tree] = await runTogether([session.draft(HISTORY, { ...CHEAP, guess: { ...CHEAP.guess!, maxDepth: 2 } })])
  assert.equal([...tree.depths], [0, 1, 2])
})

merged('the model hears of its own nodes alone', async () => {
  const paths: number[][] = []
  const session = mergedDrafter(drawing([3, 6], paths), ngramDrafter()).begin(COUPLED)
  for (const path of [[1, 3, 4], [1, 2], []]) {
    await runTogether([session.draft(HISTORY, CHEAP)])
    session.commit({ path: Int32Array.from(path), token: 0 })
  }
  assert.equal(paths, [[1], [1, 2], []])
})

merged('guesses that fail beside what was drawn are left out in the end, those that hold are not', async () => {
  const dear: Plan = { ...CHEAP, stepMs: (rows) => 20 + 0.5 * rows }
  const sizes = []
  for (const path of [[1], [2]]) {
    const session = mergedDrafter(drawing([7, 6], []), ngramDrafter()).begin(COUPLED)
    let size = 0
    for (let step = 0; step < 60; step++) {
      const [tree] = await runTogether([session.draft(HISTORY, dear)])
      session.commit({ path: Int32Array.from(tree.guessed ? path : []), token: 0 })
      size = tree.parents.length
    }
    sizes.push(size)
  }
  assert.ok(sizes[0] === 3 && sizes[1] > 3, sizes.join(' and '))
})

merged('a rule that reads q gets trees of draws alone, and so does a pinned shape', async () => {
  for (const [draws, guess] of [
    ['without-replacement', CHEAP.guess],
    ['coupled', undefined],
  ] as const) {
    const session = mergedDrafter(drawing([7, 6], []), ngramDrafter()).begin({ ...COUPLED, draws })
    assert.is((await runTogether([session.draft(HISTORY, { ...CHEAP, guess })]))[0].parents.length, 3)
  }
})

merged.run()
