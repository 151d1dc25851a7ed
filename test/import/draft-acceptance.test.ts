/** Acceptance vectors out of a draft's metadata. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { acceptanceOf, byLevel } from '../../src/import/draft-acceptance.js'

const metadata = {
  'sequoia.acceptance.target': 'micro',
  'sequoia.acceptance.greedy': [0.5, 0.1],
  'sequoia.acceptance.sampled': [0.4, 0.2],
}

test('values are split level by level', () => {
  assert.equal(byLevel([0.5, 0.1, 0.4, 0.2], 2), [
    [0.5, 0.1],
    [0.4, 0.2],
  ])
  assert.equal(byLevel([0, 1], 1), [[0, 1]])
})

test('what is no probability or does not divide into the levels is nothing', () => {
  for (const values of [undefined, 'x', [], [1.5], [-0.1], ['0.5'], [Number.NaN]])
    assert.is(byLevel(values, 1), undefined, JSON.stringify(values))
  for (const levels of [0, -1, 1.5, 3, 'x', undefined]) assert.is(byLevel([0.5, 0.1], levels), undefined, `${levels}`)
})

test('a draft without stated levels has one', () => {
  assert.equal(acceptanceOf(metadata), { target: 'micro', greedy: [[0.5, 0.1]], sampled: [[0.4, 0.2]] })
  assert.equal(acceptanceOf({ ...metadata, 'sequoia.acceptance.levels': 2 })?.sampled, [[0.4], [0.2]])
})

test('a model that brings a part alone brings none', () => {
  for (const key of Object.keys(metadata)) assert.is(acceptanceOf({ ...metadata, [key]: undefined }), undefined, key)
})

test.run()
