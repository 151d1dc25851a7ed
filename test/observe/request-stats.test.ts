/** What one request cost and gained, from what was measured of it. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { newRecord } from '../../src/observe/request-record.js'
import { requestStats } from '../../src/observe/request-stats.js'

test('means are over steps, and the overhead is what passes leave of decoding', () => {
  const record = newRecord(1, 7)
  Object.assign(record.counts, { steps: 4, tokens: 10, nodes: 20, depth: 8, decodeMs: 50, passMs: 40 })
  const { tokensPerStep, planNodes, planDepth, overhead, promptTokens } = requestStats(record)
  assert.equal([tokensPerStep, planNodes, planDepth, promptTokens], [2.5, 5, 2, 7])
  assert.ok(Math.abs(overhead - 0.2) < 1e-12)
})

test('times count from the request’s coming; a request without tokens has no time to its first', () => {
  const record = newRecord(1, 7)
  Object.assign(record, { startedAt: record.cameAt + 5 })
  assert.equal([requestStats(record).firstTokenMs, requestStats(record).generationMs], [null, 0])
  Object.assign(record, { firstTokenAt: record.cameAt + 20, tokensAt: record.cameAt + 60 })
  const { queueMs, firstTokenMs, generationMs } = requestStats(record)
  assert.equal(
    [queueMs, firstTokenMs, generationMs].map((ms) => Math.round(ms!)),
    [5, 20, 40],
  )
})

test('before the first step nothing is divided by nothing', () => {
  const { tokensPerStep, planNodes, overhead } = requestStats(newRecord(1, 7))
  assert.equal([tokensPerStep, planNodes, overhead], [0, 0, 0])
})

test.run()
