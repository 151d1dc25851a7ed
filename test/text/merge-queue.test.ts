import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { MergeQueue } from '../../src/text/merge-queue.js'

test('places come out by rank, and equal ones from the left', () => {
  const queue = new MergeQueue()
  // A permutation of 0..99: 37 and 100 have no common factor.
  for (let i = 0; i < 100; i++) queue.push(((37 * i) % 100) % 7, (37 * i) % 100)
  const found: number[][] = []
  while (queue.pop()) found.push([queue.rank, queue.place])
  const expected = Array.from({ length: 100 }, (_, place) => [place % 7, place])
  assert.equal(
    found,
    expected.sort(([a, left], [b, right]) => a - b || left - right),
  )
})

test('large ranks and places stay apart, and a cleared queue is empty', () => {
  const queue = new MergeQueue()
  queue.push(300_000, 2_000_000)
  queue.push(299_999, 2_000_001)
  assert.ok(queue.pop())
  assert.equal([queue.rank, queue.place], [299_999, 2_000_001])
  queue.clear()
  assert.not(queue.pop())
})

test.run()
