import type { RequestHandler } from 'express'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CALLER } from '../../src/cli/api-keys.js'
import { limitRate, openRateLimiter } from '../../src/cli/rate-limit.js'
import type { Got } from '../support/in-process-http.js'
import { behind, keptLog } from './support.js'

/** Asks as the caller of a key, or as an address where there is none. */
function asks(limit: RequestHandler, key?: string): Promise<Got> {
  const named: RequestHandler = (_req, res, next) => {
    if (key !== undefined) res.locals[CALLER] = key
    next()
  }
  return behind([named, limit])
}

test('each caller has its own count, and one too many is told when to come again', async () => {
  const limiter = (await openRateLimiter({ requestsPerMinute: 2, rateLimitRedis: undefined }, keptLog().log))!
  const limit = limitRate(limiter)
  for (const key of ['ci', 'app', undefined]) {
    const left = [await asks(limit, key), await asks(limit, key)]
    assert.equal(
      left.map(({ body, headers }) => [body, headers['x-ratelimit-remaining-requests']]),
      [
        ['passed', '1'],
        ['passed', '0'],
      ],
    )
    const refused = await asks(limit, key)
    assert.equal([refused.status, refused.body], [429, 'rate_limit_exceeded'])
    const seconds = Number(refused.headers['retry-after'])
    assert.ok(seconds >= 1 && seconds <= 60, `${seconds} s`)
  }
  limiter.close()
})

test('there is no limit where none is set', async () => {
  assert.is(await openRateLimiter({ requestsPerMinute: undefined, rateLimitRedis: 'redis://x' }, keptLog().log), null)
})

test('a fault of the store that is no refusal is an error like any other', async () => {
  const fault = Object.assign(new Error('store'), { status: 500, headers: {}, code: 'store' })
  const counts = { consume: () => Promise.reject(fault) } as never
  const { status, body } = await asks(limitRate({ requestsPerMinute: 2, counts, close: () => {} }))
  assert.equal([status, body], [500, 'store'])
})

test.run()
