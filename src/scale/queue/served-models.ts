/** Which models the workers of a queue serve. */
import { setTimeout } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { RuntimeError } from '../../spec/errors.js'
import { workersNow } from './presence.js'

const LOOK_EVERY_MS = 100

/**
 * Names of the models that workers serve now, in order; waits `waitMs` milliseconds (default 10,000) for a first
 * worker. Throws `RuntimeError` where none comes.
 */
export async function servedModels({
  redis: url,
  waitMs = 10_000,
}: {
  redis: string
  waitMs?: number
}): Promise<string[]> {
  const redis = new Redis(url, { maxRetriesPerRequest: null })
  // Told by the deadline: it says what to look at.
  redis.on('error', () => undefined)
  try {
    for (const end = Date.now() + waitMs; Date.now() < end; await setTimeout(LOOK_EVERY_MS)) {
      if (redis.status !== 'ready') continue
      const names = new Set((await workersNow(redis)).map(({ model }) => model))
      if (names.size > 0) return [...names].sort()
    }
    const why = redis.status === 'ready' ? 'no worker serves a model' : 'the store cannot be reached'
    throw new RuntimeError(`${why}: ${url}; start a worker: sequoia worker --redis URL --model M`)
  } finally {
    redis.disconnect()
  }
}
