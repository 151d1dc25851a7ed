/** How often one caller may ask: so many requests in a window of a minute that begins with the first of them. */
import type { RequestHandler } from 'express'
import type { Logger } from 'pino'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible'
import { InvalidArgumentError } from '../spec/errors.js'
import { ifInstalled } from '../common/optional.js'
import { ApiError } from '../serve/index.js'
import { CALLER } from './api-keys.js'
import type { ServeConfig } from './serve-schema.js'

const WINDOW_SECONDS = 60

export interface RateLimiter {
  requestsPerMinute: number
  counts: RateLimiterAbstract
  close(): void
}

/**
 * Counts in this process, or in the Redis store of the settings, for all servers that share it; while that store cannot
 * be reached, here again. Null where there is no limit. Throws `InvalidArgumentError` where the package `redis` is
 * missing.
 */
export async function openRateLimiter(
  { requestsPerMinute, rateLimitRedis }: Pick<ServeConfig, 'requestsPerMinute' | 'rateLimitRedis'>,
  log: Logger,
): Promise<RateLimiter | null> {
  if (requestsPerMinute === undefined) return null
  const window = { points: requestsPerMinute, duration: WINDOW_SECONDS, keyPrefix: 'sequoia' }
  const memory = new RateLimiterMemory(window)
  if (rateLimitRedis === undefined) return { requestsPerMinute, counts: memory, close: () => {} }
  const redis = await ifInstalled('redis', () => import('redis'))
  if (!redis)
    throw new InvalidArgumentError('rateLimitRedis', 'rateLimitRedis needs the package "redis": npm install redis')
  const client = redis.createClient({ url: rateLimitRedis, disableOfflineQueue: true })
  client.on('error', (error: Error) =>
    log.warn({ err: error }, 'the store of the rate limit cannot be reached; counting in this process'),
  )
  // Waits for no store: it is tried again and again, and until it is there we count ourselves.
  client.connect().catch(() => {})
  const counts = new RateLimiterRedis({
    ...window,
    storeClient: client,
    useRedisPackage: true,
    insuranceLimiter: memory,
  })
  return { requestsPerMinute, counts, close: () => client.destroy() }
}

/** A caller is its key, or its address where there are no keys. One too many gets 429 and the seconds to wait. */
export function limitRate({ requestsPerMinute, counts }: RateLimiter): RequestHandler {
  return (req, res, next) => {
    const caller = res.locals[CALLER] === undefined ? `address ${req.ip}` : `key ${res.locals[CALLER]}`
    counts.consume(caller).then(
      ({ remainingPoints }) => {
        res.set({
          'x-ratelimit-limit-requests': String(requestsPerMinute),
          'x-ratelimit-remaining-requests': String(remainingPoints),
        })
        next()
      },
      (refused: unknown) => {
        if (!(refused instanceof RateLimiterRes)) return next(refused)
        const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000))
        next(
          new ApiError(
            429,
            'rate_limit_exceeded',
            `at most ${requestsPerMinute} requests a minute are answered; come again in ${seconds} s`,
            null,
            seconds,
          ),
        )
      },
    )
  }
}
