/** What is told of how a head's layers fit; `eagle3-graph.test.ts` measures a trained one. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Eagle3Config } from '../../src/heads/eagle3-config.js'
import { fitWarning } from '../../src/heads/eagle3-fit.js'

const told = (shares: (number | null)[], ids: number[] | null = [1, 2, 3], rule: 'input' | 'output' = 'output') => {
  const layerIds: Eagle3Config['layerIds'] = { path: 'head/config.json', ids, rule: null }
  const file = { name: 'head', path: 'head', config: { layerIds } as Eagle3Config }
  const agreement = shares.map((share, i) => ({ shift: i - 1, share }))
  return fitWarning(file, { name: 'target' }, { rule }, agreement)
}

test('how often the first guess is right is always told', () => {
  assert.equal(told([0.2, 0.456, null]), [
    'draft head: its first guess is the likeliest token of target at 46 % of a text',
  ])
})

test('another count is told where it is clearly better, with what to write', () => {
  assert.match(
    told([0.45, 0.1, 0.3])[1],
    /would guess right at 45 % if its layers were counted one lower: write "sequoia_layer_rule": "input"/,
  )
  assert.match(told([0.1, 0.1, 0.3], [2, 3, 4], 'input')[1], /counted one higher: write .*"output"/)
  assert.match(told([0.1, 0.1, 0.3], null, 'input')[1], /state "eagle_aux_hidden_state_layer_ids"/)
})

test('what chance may leave between two counts is no warning', () => {
  assert.is(told([0.39, 0.3, 0.2]).length, 1)
})

test.run()
