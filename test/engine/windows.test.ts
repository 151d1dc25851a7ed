// @process native
/** Models whose layers see windows, narrower than the texts here: trees, batches and cached prompts change no token. */
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Engine, GenerateRequest } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { addRun, assertSpeculated, collect, newTotals, TREES } from '../support/equality.js'

const windows = suite('windows')
windows.after(closeEngines)

const SYSTEM = 'The heron on the inner thin'
const QUESTIONS = ['an', 'other', 'ten']

/** A fixture's folder, drafting for itself: its first guess is right, the others are not. */
const engineOf = (name: string): Promise<Engine> => {
  const target = fileURLToPath(new URL(`../fixtures/families/${name}`, import.meta.url))
  return engineFor({ target, draft: target, maxBatch: 3 })
}

for (const name of ['gemma3', 'mistral']) {
  windows(`the text of plain decoding, with trees, side by side and after a cached prompt: ${name}`, async () => {
    const engine = await engineOf(name)
    assert.ok(engine.info.bitExact)
    const ask = (question: string, more: Partial<GenerateRequest>): ReturnType<typeof collect> =>
      collect(engine, { prompt: SYSTEM + question, maxTokens: 20, ...more })
    const plain: number[][] = []
    for (const question of QUESTIONS) plain.push((await ask(question, { draft: 'none' })).tokens)
    const totals = newTotals()
    for (const tree of Object.values(TREES)) {
      const answers = await Promise.all(QUESTIONS.map((question) => ask(question, { draft: 'model', tree })))
      assert.equal(
        answers.map(({ tokens }) => tokens),
        plain,
      )
      assert.ok(
        answers.some(({ stats }) => stats.cachedTokens > 0),
        'no prompt was cached',
      )
      for (const { stats } of answers) addRun(totals, stats)
    }
    assertSpeculated(totals)
    assert.is(engine.usage().slotsUsed, 0)
  })
}

windows.run()
