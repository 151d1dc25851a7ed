/** Trees grown by the draft's own probabilities. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { BestFirst, pruned } from '../../../plugins/drafters/best-first.js'
import { GrowingTree } from '../../../src/strategies/growing-tree.js'

const flat = { stepMs: () => 10, passMs: () => 1, chance: 0.5 }

test('the worthiest nodes are kept, whatever their level, and always with their parents', () => {
  const best = new BestFirst(5, flat)
  // Children of 0: 1 (0.6), 2 (0.3), 3 (0.05); of 1: 4 (0.54), 5 (0.03); of 4: 6 (0.486).
  for (const [parent, q] of [
    [0, 0.6],
    [0, 0.3],
    [0, 0.05],
    [1, 0.9],
    [1, 0.05],
    [4, 0.9],
  ])
    best.add(parent, q)
  assert.equal(best.keep(), [0, 1, 2, 4, 6])
})

test('nodes that cost more than they bring are not kept', () => {
  const best = new BestFirst(8, { ...flat, stepMs: (nodes) => 10 * nodes })
  best.add(0, 0.8)
  best.add(0, 0.3)
  assert.equal(best.keep(), [0])
  const cheap = new BestFirst(8, { ...flat, stepMs: (nodes) => 10 + 2 * nodes })
  cheap.add(0, 0.8)
  cheap.add(0, 0.05)
  assert.equal(cheap.keep(), [0, 1])
})

test('a level is drafted on from its worthiest kept nodes, and not at all where that cannot pay', () => {
  const best = new BestFirst(4, flat)
  for (const q of [0.2, 0.4, 0.3, 0.1]) best.add(0, q)
  assert.equal(best.expand([1, 2, 3, 4], 2), [2, 3])
  const hopeless = new BestFirst(4, flat)
  hopeless.add(0, 0.02)
  assert.equal(hopeless.expand([1], 2), [])
  assert.equal(hopeless.expand([], 2), [])
})

test('a pass whose children would cost more than they promise is not run', () => {
  const costly = { stepMs: (nodes: number) => 10 + nodes, passMs: (nodes: number) => 1 + nodes / 10 }
  const grown = (chance: number): number[] => {
    const best = new BestFirst(8, { ...costly, chance })
    for (const q of [0.6, 0.2]) best.add(0, q)
    return best.expand([1, 2], 4)
  }
  assert.equal([grown(0.9), grown(0.5), grown(0.2)], [[1, 2], [1], []])
})

test('children of no more than zero worth never stand before their parents', () => {
  const best = new BestFirst(3, flat)
  best.add(0, 0)
  best.add(1, 1)
  best.add(2, 1)
  assert.equal(best.keep(), [0])
})

test('pruning keeps tokens, order and q rows', () => {
  const tree = new GrowingTree(9)
  for (const [parent, token] of [
    [0, 10],
    [0, 11],
    [1, 12],
    [2, 13],
    [2, 14],
  ])
    tree.add(parent, token)
  tree.qRows[0] = 0
  tree.qRows[2] = 3
  const { parents, tokens, depths, q } = pruned(tree, [0, 2, 5]).finish({ logitsPtr: 64 })
  assert.equal(
    [[...parents], [...tokens], [...depths], [...q!.rows]],
    [
      [-1, 0, 1],
      [9, 11, 14],
      [0, 1, 2],
      [0, 3, -1],
    ],
  )
})

test.run()
