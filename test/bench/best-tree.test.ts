import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bestTrees } from '../../bench/formats/best-tree.js'

const timesOf = (...baseMs: number[]): Parameters<typeof bestTrees>[0] => {
  const rows = [1, 2, 4, 8, 16]
  return { rows, baseMs, slotMs: rows.map(() => 0) }
}
const FREE = timesOf(0, 0, 0, 0, 0)

test('where every row costs a pass of its own, no tree pays', () => {
  for (const { nodes, depth, ...best } of bestTrees(timesOf(100, 200, 400, 800, 1600), FREE))
    assert.equal([nodes, depth, best['tokens a step'], best['tokens/s']], [1, 0, 1, 10])
})

test('where the second row is free, one guess is made, and the rate is what it brings', () => {
  for (const { nodes, depth, ...best } of bestTrees(timesOf(100, 100, 300, 700, 1500), FREE)) {
    assert.equal([nodes, depth], [2, 1])
    assert.ok(best['tokens a step'] > 1.5 && best['tokens a step'] < 1.6)
    assert.ok(Math.abs(best['tokens/s'] - 10 * best['tokens a step']) < 1e-6)
  }
})

test('a draft that takes as long as it saves is not asked', () => {
  for (const { nodes } of bestTrees(timesOf(100, 100, 300, 700, 1500), timesOf(60, 60, 60, 60, 60))) assert.is(nodes, 1)
})

test.run()
