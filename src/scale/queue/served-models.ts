/** Which models the workers of a queue serve. */
import { setTimeout } from 'node:timers/promises'
import { RuntimeError } from '../../spec/errors.js'
import { workersNow, type WorkerPresence } from './presence.js'
import { quietConnection } from './store-connection.js'
import { unlessAborted } from '../../common/unless-aborted.js'

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
  const redis = quietConnection(url)
  const deadline = AbortSignal.timeout(waitMs)
  try {
    for (; !deadline.aborted; await setTimeout(LOOK_EVERY_MS)) {
      if (redis.status !== 'ready') continue
      let workers: WorkerPresence[] = []
      const look = async (): Promise<void> => void (workers = await workersNow(redis))
      await unlessAborted(look(), deadline)
      if (workers.length > 0) return [...new Set(workers.map(({ model }) => model))].sort()
    }
    const why = redis.status === 'ready' ? 'no worker serves a model' : 'the store cannot be reached'
    throw new RuntimeError(`${why}: ${url}; start a worker: sequoia worker --redis URL --model M`)
  } finally {
    redis.disconnect()
  }
}
