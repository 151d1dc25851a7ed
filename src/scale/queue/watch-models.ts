/** Follows which models the workers of a queue serve, as they come and go. */
import { setTimeout } from 'node:timers/promises'
import { workersNow } from './presence.js'
import { checkStore } from './store-address.js'
import { isOfConnection, quietConnection } from './store-connection.js'

/** Where the queue is, and who is told of its models. */
export interface ModelsWatchOptions {
  /** `redis://...` or `rediss://...`. */
  redis: string
  /** Names of those that are known already. */
  known: readonly string[]
  /** A worker serves a model that is not known. Where this rejects, it is called again at the next look. */
  onCome(name: string): Promise<void>
  /** No worker has served a model for long; whether it is forgotten, else this is called again at the next look. */
  onGone(name: string): Promise<boolean>
  /** Told of what is no failure of a connection: the store comes back. */
  onError(error: unknown): void
  /** Milliseconds between two looks; default 1,000. */
  lookEveryMs?: number
  /** Looks in a row without a worker before a model is gone; default 60: a restart of all workers is no end. */
  goneAfter?: number
}

/**
 * Looks until `stop`; while the store is out of reach nothing comes and nothing goes. Throws `InvalidArgumentError`
 * where `redis` is no address.
 */
export function watchModels(options: ModelsWatchOptions): { stop(): Promise<void> } {
  const { known, onCome, onGone, onError, lookEveryMs = 1_000, goneAfter = 60 } = options
  const redis = quietConnection(checkStore(options.redis))
  const stopped = new AbortController()
  /** Of each model: looks in a row at which it had no worker. */
  const missed = new Map(known.map((name) => [name, 0]))

  async function look(): Promise<void> {
    const there = new Set((await workersNow(redis)).map(({ model }) => model))
    for (const name of there) {
      if (!missed.has(name)) await onCome(name)
      missed.set(name, 0)
    }
    for (const [name, looks] of missed) {
      if (there.has(name)) continue
      missed.set(name, looks + 1)
      if (looks + 1 >= goneAfter && (await onGone(name))) missed.delete(name)
    }
  }

  async function lookOn(): Promise<void> {
    while (!stopped.signal.aborted) {
      await look().catch((error: unknown) => void (isOfConnection(error) || onError(error)))
      await setTimeout(lookEveryMs, undefined, { signal: stopped.signal }).catch(() => undefined)
    }
  }

  const ended = lookOn()
  return {
    stop: () => {
      stopped.abort()
      // A command that waits for the store ends with its connection.
      redis.disconnect()
      return ended
    },
  }
}
