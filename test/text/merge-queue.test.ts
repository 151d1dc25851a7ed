import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { MergeQueue } from '../../src/text/merge-queue.js'

test('pairs come out by score, and equal ones from the left', () => {
  const queue = new MergeQueue()
  // A permutation of 0..99: 37 and 100 have no common factor.
  for (let i = 0; i < 100; i++) {
    const left = (37 * i) % 100
    queue.push({ score: -(left % 7), left, right: left + 1, end: left + 2 })
  }
  const found = Array.from({ length: 100 }, () => queue.pop()?.left ?? -1)
  const expected = Array.from({ length: 100 }, (_, left) => left).sort((a, b) => (a % 7) - (b % 7) || a - b)
  assert.equal(found, expected)
  assert.is(queue.pop(), undefined)
})

test.run()
