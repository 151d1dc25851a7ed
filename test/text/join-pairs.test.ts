import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { joinPairs } from '../../src/text/join-pairs.js'
import { PairTable } from '../../src/text/pair-table.js'
import { seeded } from '../support/random-llama.js'

function tableOf(...pairs: [left: number, right: number, rank: number, joined: number][]): PairTable {
  const table = new PairTable()
  for (const pair of pairs) table.set(...pair)
  return table
}

function joined(symbols: readonly number[], table: PairTable): number[] {
  const held = Int32Array.from(symbols)
  return [...held.subarray(0, joinPairs(held, held.length, table))]
}

/** The rule itself: look at all neighbours, join the best, begin again. */
function plainly(symbols: readonly number[], table: PairTable): number[] {
  const left = [...symbols]
  for (;;) {
    const ranks = left.slice(1).map((symbol, i) => {
      const at = table.find(left[i], symbol)
      return at < 0 ? Infinity : table.ranks[at]
    })
    const best = ranks.indexOf(Math.min(...ranks))
    if (best < 0 || ranks[best] === Infinity) return left
    left.splice(best, 2, table.joined[table.find(left[best], left[best + 1])])
  }
}

test('the lowest rank is joined first, the leftmost of equal ones', () => {
  assert.equal(joined([1, 2, 3], tableOf([1, 2, 5, 10], [2, 3, 4, 20])), [1, 20])
  assert.equal(joined([1, 1, 1], tableOf([1, 1, 0, 2])), [2, 1])
  assert.equal(joined([1, 1, 1, 1], tableOf([1, 1, 0, 2], [2, 2, 1, 3])), [3])
})

test('nothing, one symbol and strangers stay as they are', () => {
  for (const symbols of [[], [1], [1, 2, 1]]) assert.equal(joined(symbols, tableOf([2, 2, 0, 3])), symbols)
})

test('the result is that of the rule itself, in every text', () => {
  const random = seeded(3)
  const below = (limit: number): number => Math.floor(random() * limit)
  for (let round = 0; round < 60; round++) {
    const table = tableOf(
      ...Array.from({ length: 60 }, (): [number, number, number, number] => [
        below(12),
        below(12),
        below(20),
        below(12),
      ]),
    )
    const symbols = Array.from({ length: 1 + below(60) }, () => below(12))
    assert.equal(joined(symbols, table), plainly(symbols, table))
  }
})

test('a long run of one symbol is joined in a moment, and a short text after it rightly', () => {
  const table = tableOf(...Array.from({ length: 10 }, (_, i): [number, number, number, number] => [i, i, i, i + 1]))
  const long = Array.from({ length: 200_000 }, () => 0)
  const found = joined(long, table)
  assert.is(
    found.reduce((sum, symbol) => sum + 2 ** symbol, 0),
    long.length,
  )
  assert.equal(joined([0, 0, 0], table), [1, 0])
})

test.run()
