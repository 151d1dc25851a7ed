/** Trees grown while they are drafted, on the micro pair. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closeEngines, engineFor } from '../../support/engines.js'
import { assertEqualsPlain, assertSpeculated, collect, newTotals } from '../../support/equality.js'

const dynamic = suite('dynamic planner on the micro pair')
dynamic.after(closeEngines)

const PROMPTS = ['This package is', '# API\n\n## Usage\n\n```js\nconst', 'Install with npm. Install with']

for (const temperature of [0, 0.8, 1.3]) {
  dynamic(`grown trees give the text of plain decoding, token for token, at temperature ${temperature}`, async () => {
    const engine = await engineFor({ target: 'micro', planner: 'dynamic' })
    const totals = newTotals()
    for (const [seed, prompt] of PROMPTS.entries()) await assertEqualsPlain(engine, { prompt, maxTokens: 64, temperature, seed, draft: 'model' }, totals, prompt)
    assertSpeculated(totals)
    assert.is(engine.usage().slotsUsed, 0)
  })
}

dynamic('a rule that a tree grown by its tokens would bias is refused, by name', async () => {
  const engine = await engineFor({ target: 'micro', planner: 'dynamic' })
  try {
    await collect(engine, { prompt: 'a', maxTokens: 4, temperature: 1, draft: 'model', verifier: 'sequoia' })
    assert.unreachable('the pair was not refused')
  } catch (error) {
    assert.match((error as Error).message, /"sequoia" cannot verify without bias; use "coupled"/)
  }
})

dynamic.run()
