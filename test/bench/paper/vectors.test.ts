import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { vectorsOf } from '../../../bench/paper/vectors.js'

/** 4000 paths whose first child is right at the first level, and the second one below it, as often as not. */
const paths = Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? [0, 1, -1] : [0, -1]))

test('each level has a vector of its own, and the last one serves all that are deeper', () => {
  const [first, second, third] = vectorsOf(paths, 3)
  assert.ok(first[0] > 0.99)
  assert.ok(Math.abs(second[1] - 0.5) < 0.01)
  assert.ok(third[0] < 0.01)
})

test('one vector counts all levels together', () => {
  const [all] = vectorsOf(paths, 1)
  // 10,000 visits: 4,000 accept the first child, 2,000 the second.
  assert.ok(Math.abs(all[0] - 0.4) < 0.001)
  assert.ok(Math.abs(all[1] - 0.2) < 0.001)
})

test('no rank is hopeless, none certain, and a vector is no more than a law', () => {
  for (const vector of vectorsOf([[0], [0]])) {
    assert.ok(vector.every((p, rank) => p > 0 && (rank === 0 || p <= vector[rank - 1])))
    assert.ok(vector.reduce((sum, p) => sum + p) < 1)
  }
})

test.run()
