import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PairTable } from '../../src/text/pair-table.js'

test('pairs are found with what they were given, however many there are', () => {
  const table = new PairTable()
  for (let left = 0; left < 100; left++) for (let right = 0; right < 20; right++) table.set(left, right, left, right)
  assert.is(table.size, 2000)
  for (let left = 0; left < 100; left++) {
    for (let right = 0; right < 20; right++) {
      const at = table.find(left, right)
      assert.equal([table.ranks[at], table.joined[at]], [left, right])
    }
  }
  assert.is(table.find(3, 20), -1)
  assert.is(table.find(100, 0), -1)
})

test('a pair that is set again gets the new values, and a cleared table has none', () => {
  const table = new PairTable(10)
  table.set(1, 2, 3, 4)
  const at = table.set(1, 2, 5, 6)
  assert.equal([table.size, table.ranks[at], table.joined[at]], [1, 5, 6])
  table.clear()
  assert.equal([table.size, table.find(1, 2)], [0, -1])
})

test.run()
