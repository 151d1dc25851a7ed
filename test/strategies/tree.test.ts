import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { childrenOf, childWith, pathTo, rootTree } from '../../src/strategies/tree.js'
import { tree } from '../core/support/builders.js'

/** Two children of the root, two below the second of them. */
const bush = tree([-1, 0, 0, 2, 2], [5, 6, 7, 6, 8])

test('a root tree is the text’s last token and nothing else', () => {
  const { parents, tokens, depths, q } = rootTree(9)
  assert.equal([[...parents], [...tokens], [...depths], q], [[-1], [9], [0], undefined])
})

test('a child is found by its token among its own parent’s children alone', () => {
  assert.is(childWith(bush, 0, 6), 1)
  assert.is(childWith(bush, 2, 6), 3)
  assert.is(childWith(bush, 0, 8), -1)
  assert.is(childWith(bush, 0, 5), -1, 'the root is nobody’s child')
})

test('of siblings with the same token the first one is found', () => {
  assert.is(childWith(tree([-1, 0, 0], [1, 4, 4]), 0, 4), 1)
})

test('a path leads from below the root to the node', () => {
  assert.equal(pathTo(bush, 4), [7, 8])
  assert.equal(pathTo(bush, 0), [])
})

test('children are listed by parent, in order; leaves have none', () => {
  assert.equal(childrenOf(bush), [[1, 2], [], [3, 4], [], []])
})

test.run()
