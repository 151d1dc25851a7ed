import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { kindOf, loadOf } from '../../src/speculation/state.js'
import { rootTree } from '../../src/strategies/tree.js'
import { tree } from '../core/support/builders.js'

test('a tree is of a model where it has rows of q, of guesses where not, and a root alone is no tree', () => {
  const chain = tree([-1, 0], [1, 2])
  const q = { logitsPtr: 8, rows: Int32Array.of(0, -1) }
  assert.is(kindOf(chain), 'guess')
  assert.is(kindOf({ ...chain, q }), 'model')
  assert.is(kindOf({ ...rootTree(1), q: { logitsPtr: 8, rows: Int32Array.of(-1) } }), null)
})

test('loads are alike up to each doubling', () => {
  assert.equal([1, 2, 3, 4, 5, 8, 9, 16, 17].map(loadOf), [0, 1, 2, 2, 3, 3, 4, 4, 5])
})

test.run()
