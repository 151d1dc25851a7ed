import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bestThreads, threadCounts } from '../../bench/peers/best-threads.js'

test('every number of threads is tried, and the one that takes least time is taken', async () => {
  const tried: number[] = []
  const ms = [22, 15.8, 15.8, 30]
  const best = await bestThreads(async (threads) => {
    tried.push(threads)
    return ms[threads - 1]
  }, 4)
  assert.equal(tried, [1, 2, 3, 4])
  assert.is(best, 2)
})

test('there are as many as there are cores', () => {
  assert.equal(threadCounts(3), [1, 2, 3])
  assert.ok(threadCounts().length >= 1)
})

test.run()
