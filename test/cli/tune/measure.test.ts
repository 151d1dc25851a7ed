import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Tuning } from '../../../src/api/types.js'
import type { Progress } from '../../../src/common/progress.js'
import { measure } from '../../../src/cli/tune/measure.js'
import { scriptedEngine } from '../../support/scripted-engine.js'

/** Decodes nothing; passes are said to take 10 ms, steps with a tree 20. */
function tunedEngine() {
  const engine = scriptedEngine()
  const quick: (number | undefined)[] = []
  engine.tuning = (_context, parents) =>
    ({ plainTokensPerSecond: 100, plan: { greedy: { msPerStep: parents ? 20 : 10 } } }) as Tuning
  engine.calibrate = async ({ rounds } = {}) => void quick.push(rounds)
  return { engine, quick }
}

test('prompts are decoded plainly and with the tree by turns, with a quick look at the passes after each', async () => {
  const { engine, quick } = tunedEngine()
  const told: Progress[] = []
  const measured = await measure(engine, [-1, 0], (progress) => told.push(progress))
  assert.equal(
    engine.requests.slice(0, 4).map(({ draft, tree }) => [draft, tree]),
    [
      ['none', undefined],
      ['model', [-1, 0]],
      ['none', undefined],
      ['model', [-1, 0]],
    ],
  )
  assert.is(engine.requests.length, 2 * (measured.prompts + 1), 'the first prompt warms up and does not count')
  assert.equal(
    quick,
    Array.from({ length: measured.prompts + 1 }, () => 1),
  )
  assert.equal(
    told.map(({ done }) => done),
    Array.from({ length: measured.prompts + 2 }, (_, i) => i),
  )
  assert.is(told.at(-1)!.done, told.at(-1)!.total)
  assert.ok(measured.tree !== null && measured.predicted.tree! < measured.predicted.plain)
})

test('where no tree pays, prompts are decoded plainly alone', async () => {
  const { engine } = tunedEngine()
  const { tree, steps } = await measure(engine, [-1], () => undefined)
  assert.equal([tree, steps.tree], [null, null])
  assert.ok(engine.requests.every(({ draft }) => draft === 'none'))
})

test.run()
