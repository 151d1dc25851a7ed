import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { GuessChances, newPriors } from '../../../plugins/drafters/guess-chances.js'
import { ngramDrafter } from '../../../plugins/drafters/ngram.js'
import type { DraftRequest } from '../../../src/strategies/drafter.js'
import type { Plan } from '../../../src/strategies/plan.js'
import { runTogether } from '../../../src/passes/run-together.js'

const request: DraftRequest = {
  sampling: { temperature: 0, topK: 0, topP: 1, minP: 0 },
  key: { seed: 1n, choice: 0 },
  draws: 'coupled',
}
/** A second row costs half a pass. */
const dear: Plan = { maxNodes: 2, maxDepth: 1, stepMs: (rows) => 0.5 + 0.5 * rows, maxQRows: 64, among: 1 }

test('a text that does not go on as it did lowers what its guesses are worth, one that does raises it', () => {
  const chances = new GuessChances(newPriors())
  const before = chances.of(0, 2)
  for (let i = 0; i < 20; i++) chances.saw(0, 2, false)
  assert.ok(chances.of(0, 2) < before / 2)
  for (let i = 0; i < 80; i++) chances.saw(0, 2, true)
  assert.ok(chances.of(0, 2) > 0.7)
  assert.is(chances.of(0, 3), new GuessChances(newPriors()).of(0, 3))
})

test('texts start from what others showed, by as much as those showed', () => {
  const priors = newPriors()
  const [brief, long] = [new GuessChances(priors), new GuessChances(priors)]
  const before = new GuessChances(priors).of(0, 1)
  brief.saw(0, 1, true)
  brief.teach()
  const little = new GuessChances(priors).of(0, 1) - before
  for (let i = 0; i < 200; i++) long.saw(0, 1, true)
  long.teach()
  long.teach()
  const much = new GuessChances(priors).of(0, 1) - before
  assert.ok(little > 0 && little < 0.05 && much > 0.3 && much < 0.6, `${little} ${much}`)
})

test('guesses that no tree tried are learned from as well', async () => {
  const session = ngramDrafter().begin(request)
  const history: number[] = []
  const sizes: number[] = []
  // Whatever comes before it, 1 is followed by 2: matches are of one token, of which little is expected at first.
  for (let i = 0; i < 40; i++) {
    history.push(10 + i, 1)
    const [tree] = await runTogether([session.draft(history, dear)])
    sizes.push(tree.parents.length)
    if (tree.parents.length > 1) session.commit({ path: Int32Array.of(1), token: 0 })
    history.push(2)
  }
  assert.is(sizes[1], 1)
  assert.is(sizes[39], 2)
})

test.run()
