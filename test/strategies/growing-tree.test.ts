import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { GrowingTree } from '../../src/strategies/growing-tree.js'

function grown(): GrowingTree {
  const tree = new GrowingTree(10)
  assert.equal([tree.add(0, 11, 1), tree.add(0, 12, 2), tree.add(2, 13, 4)], [1, 2, 3])
  return tree
}

test('a new tree is its root, at depth 0 and without a parent', () => {
  const tree = new GrowingTree(10)
  assert.equal([tree.size, tree.parents, tree.depths, tree.tokens], [1, [-1], [0], [10]])
})

test('a child is one level below its parent, and a path leaves the root out', () => {
  const tree = grown()
  assert.equal(tree.depths, [0, 1, 1, 2])
  assert.equal(tree.plannedNode, [0, 1, 2, 4])
  assert.equal([tree.pathTo(0), tree.pathTo(3)], [[], [12, 13]])
  assert.equal([tree.nodesAt(1), tree.nodesAt(3)], [[1, 2], []])
})

test('a finished tree has rows of q only where logits are named; who was not expanded has none', () => {
  const tree = grown()
  tree.qRows[0] = 4
  assert.is(tree.finish().q, undefined)
  const { parents, tokens, depths, q } = tree.finish({ logitsPtr: 64 })
  assert.equal([...parents], [-1, 0, 0, 2])
  assert.equal([...tokens], [10, 11, 12, 13])
  assert.equal([...depths], [0, 1, 1, 2])
  assert.equal([q!.logitsPtr, ...q!.rows], [64, 4, -1, -1, -1])
})

test.run()
