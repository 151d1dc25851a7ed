/**
 * A worker: an engine that takes requests from the queue of its model, and from one of its own for conversations that
 * it knows. Jobs are BullMQ's, so that one whose worker is gone goes to another; what was said of its answer lies in a
 * stream, so that the other goes on behind the last token.
 */
import { randomUUID } from 'node:crypto'
import { Queue, Worker } from 'bullmq'
import type { Generates } from '../../api/generates.js'
import { unlessAborted } from '../../common/unless-aborted.js'
import { JobRunner } from './job-runner.js'
import { Keeper } from './keeper.js'
import { ABORTS, ownQueueName, PREFIX, queueName } from './keys.js'
import { withdraw } from './presence.js'
import { Store, isOfConnection } from './store-connection.js'
import { checkStore } from './store-address.js'
import type { QueuedRequest } from './wire.js'

/** Where the queue is, and the engine that answers its requests. */
export interface WorkerOptions {
  /** `redis://...` or `rediss://...`. */
  redis: string
  engine: Generates
  /** Name that requests ask for; default: the engine's. */
  model?: string
  /** Requests answered at once; default: as many as the engine decodes together. */
  width?: number
  /** Told of what is nobody's request's fault; default: printed on standard error. */
  onError?: (error: unknown) => void
}

/** An engine that answers requests of the queue. */
export interface QueueWorker {
  readonly id: string
  /**
   * Takes nothing new, finishes what it has for `drainMs` milliseconds (default: however long it takes) and hands the
   * rest back to the queue, where others go on with it. Of a store that is away it takes no leave: others have its
   * requests by then. The engine stays open.
   */
  close(options?: { drainMs?: number }): Promise<void>
}

/** A lock that is not renewed for so long is a dead worker's; locks are looked at this often. */
const LOCK_MS = 1_000
const STALLED_EVERY_MS = 500
/**
 * Seconds that one look for a job blocks. What wakes a worker goes to whoever has looked for longest, though its
 * network be cut: the others find the job when they look next.
 */
const LOOK_SECONDS = 0.5
/** Pause before what failed with a connection is tried again. */
const AGAIN_MS = 200

/** BullMQ's codes for a job that is missing, or whose lock is missing or another's. */
const LOST_JOBS: ReadonlySet<unknown> = new Set([-1, -2, -6])

/** Starts a worker; resolves when it takes requests. Throws `InvalidArgumentError` where `redis` is no address. */
export async function worker(options: WorkerOptions): Promise<QueueWorker> {
  const { engine, model = engine.info.model, onError = report } = options
  const url = checkStore(options.redis)
  const width = options.width ?? engine.info.maxBatch
  const id = randomUUID()
  const { fingerprint } = engine.info
  const store = new Store(url, { onError })
  const { redis } = store
  const presence = { id, model, info: engine.info, fingerprint, width, running: 0 }
  const keeper = new Keeper({ url, lockMs: LOCK_MS, presence }, onError)
  const runner = new JobRunner({ redis, engine, model, worker: id, keeper, onError })
  const aborts = store.blocking()
  await aborts.subscribe(ABORTS)
  aborts.on('message', (_channel, jobId: string) => runner.giveUp(jobId))
  const names = { shared: queueName(model), own: ownQueueName(id) }

  function take(name: string): Worker<QueuedRequest> {
    const jobs = new Worker<QueuedRequest>(name, (job, token) => runner.run(name, job, token ?? ''), {
      connection: redis,
      prefix: PREFIX,
      concurrency: width,
      lockDuration: LOCK_MS,
      skipLockRenewal: true,
      stalledInterval: STALLED_EVERY_MS,
      drainDelay: LOOK_SECONDS,
      runRetryDelay: AGAIN_MS,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    })
    jobs.on('error', (error) => {
      // Of a job that another has by now: it was told so when it wrote.
      if (!LOST_JOBS.has((error as { code?: unknown }).code) && !isOfConnection(error)) onError(error)
    })
    return jobs
  }

  await keeper.ready()
  const shared = take(names.shared)
  const own = take(names.own)
  // Places are one worker's, whichever queue its requests come from.
  runner.onChange = (running) => (shared.concurrency = Math.max(1, width - (running.get(names.own) ?? 0)))
  await Promise.all([shared.waitUntilReady(), own.waitUntilReady()])

  return {
    id,
    close: async ({ drainMs } = {}) => {
      await Promise.all([shared.pause(true), own.pause(true)])
      const late = drainMs === undefined ? undefined : setTimeout(() => runner.handBackAll(), drainMs)
      await unlessAborted(drained(), store.away)
      clearTimeout(late)
      runner.handBackAll()
      await keeper.close()
      await unlessAborted(forgotten(), store.away)
      aborts.disconnect()
      store.close()
    },
  }

  async function drained(): Promise<void> {
    await Promise.all([withdraw(redis, id), shared.close(), own.close()])
  }

  /** The keeper may have said once more that the worker is there. */
  async function forgotten(): Promise<void> {
    await withdraw(redis, id)
    await new Queue(names.own, { connection: redis, prefix: PREFIX }).obliterate({ force: true })
  }
}

function report(error: unknown): void {
  console.error('sequoia:', error)
}
