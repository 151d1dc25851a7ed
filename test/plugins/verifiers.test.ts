// @process native
/**
 * Every verifier in the engine: at temperature 0 all give plain decoding's text; sampling, all run on trees drawn the
 * way they need.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { verifiers } from '../../plugins/verifiers/index.js'
import type { VerifierName } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { assertEqualsPlain, assertSpeculated, collect, newTotals, TREES } from '../support/equality.js'

const all = suite('verifiers on the micro pair')
all.after(closeEngines)

const PROMPTS = ['This package is', '# API\n\n## Usage\n\n```js\nconst', 'Install with npm. Install with']

for (const verifier of verifiers.keys() as Iterable<VerifierName>) {
  all(`${verifier}: greedy trees give the text of plain decoding`, async () => {
    const engine = await engineFor({ target: 'micro' })
    const totals = newTotals()
    for (const prompt of PROMPTS)
      await assertEqualsPlain(
        engine,
        { prompt, maxTokens: 48, draft: 'model', verifier, tree: TREES.bush },
        totals,
        prompt,
      )
    assertSpeculated(totals)
  })

  all(`${verifier}: sampled trees are accepted and rejected, and every slot comes back`, async () => {
    const engine = await engineFor({ target: 'micro' })
    const { stats } = await collect(engine, {
      prompt: PROMPTS[1],
      maxTokens: 64,
      temperature: 0.8,
      draft: 'model',
      verifier,
      tree: TREES.bush,
    })
    assert.ok(stats.accepted > 0 && stats.accepted < stats.drafted)
    assert.is(engine.usage().slotsUsed, 0)
  })
}

all("match keeps the promise of a seed: its text is plain decoding's", async () => {
  const engine = await engineFor({ target: 'micro' })
  const totals = newTotals()
  for (const prompt of PROMPTS)
    await assertEqualsPlain(
      engine,
      { prompt, maxTokens: 48, temperature: 0.5, seed: 5, draft: 'model', verifier: 'match', tree: TREES.bush },
      totals,
      prompt,
    )
  assertSpeculated(totals)
})

all.run()
