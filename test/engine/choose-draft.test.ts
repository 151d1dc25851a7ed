/** Which draft a request speculates with. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { drafterOf } from '../../src/engine/choose-draft.js'
import type { Drafter } from '../../src/strategies/drafter.js'
import { planners } from '../../plugins/planners/index.js'
import { Desk, errorOf } from '../support/desk.js'

const desk = new Desk()
const { drafter } = desk
const grown: Drafter = { name: 'grown', growth: 'dynamic', begin: () => drafter.begin(), dispose: async () => {} }
const drawn: Drafter = { ...grown, name: 'drawn', growth: 'static' }
const strategies = {
  ...desk.parts.strategies,
  drafters: new Map<string, Drafter>([drafter, grown, drawn].map((one) => [one.name, one])),
}

function chosen(draft: string | undefined, verifier = 'coupled', planner = 'sequoia'): Drafter | null {
  const { request } = desk.run({ promptTokens: [0], draft, verifier })
  return drafterOf(strategies, planners.get(planner)!, request)
}

test('the engine’s own draft serves who names none, and "none" is plain decoding', () => {
  assert.is(chosen(undefined), drafter)
  assert.is(chosen('drawn'), drawn)
  assert.is(chosen('none'), null)
})

test('a draft that is not open is refused with those that are', async () => {
  const error = await errorOf(() => chosen('other'))
  assert.is(error.param, 'draft')
  assert.match(error.message, /draft "other" is not open in this engine; it has none, told, grown, drawn/)
})

test('a tree chosen by its tokens is refused where the verifier would be biased by it', async () => {
  for (const work of [() => chosen('grown', 'sequoia'), () => chosen('drawn', 'sequoia', 'dynamic')]) {
    const error = await errorOf(work)
    assert.is(error.param, 'verifier')
    assert.match(error.message, /use "coupled"/)
  }
  assert.is(chosen('grown'), grown)
  assert.is(chosen('drawn', 'sequoia'), drawn)
  assert.is(chosen('told', 'sequoia', 'dynamic'), drafter, 'guesses without q are lossless under any rule')
})

test.run()
