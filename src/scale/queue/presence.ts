/** Which workers there are, what each serves, and how much it has to do. */
import type { Redis } from 'ioredis'
import type { EngineInfo } from '../../api/info.js'
import { workerKey, WORKERS } from './keys.js'

/** What a worker says of itself, more often than every `PRESENCE_MS`. */
export interface WorkerPresence {
  id: string
  model: string
  info: EngineInfo
  /** Engines of the same fingerprint write the same text for a seed. */
  fingerprint: string
  /** Requests it answers at once, at most and now. */
  width: number
  running: number
}

/** A worker that says nothing for so long is gone. */
export const PRESENCE_MS = 1_500

export async function announce(redis: Redis, presence: WorkerPresence): Promise<void> {
  await redis.set(workerKey(presence.id), JSON.stringify(presence), 'PX', PRESENCE_MS)
  await redis.sadd(WORKERS, presence.id)
}

export async function withdraw(redis: Redis, id: string): Promise<void> {
  await redis.del(workerKey(id))
  await redis.srem(WORKERS, id)
}

/**
 * The workers that are there now. With `onGone`, forgets those that are not and says which; of all who look, one is
 * told of each.
 */
export async function workersNow(redis: Redis, onGone?: (id: string) => void): Promise<WorkerPresence[]> {
  const ids = await redis.smembers(WORKERS)
  if (ids.length === 0) return []
  const said = await redis.mget(ids.map(workerKey))
  for (const id of onGone ? ids.filter((_, i) => said[i] === null) : []) {
    if ((await redis.srem(WORKERS, id)) > 0) onGone!(id)
  }
  return said.filter((text) => text !== null).map((text) => JSON.parse(text) as WorkerPresence)
}
