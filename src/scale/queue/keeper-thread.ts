/**
 * A worker's sign of life, in a thread of its own: it renews the locks of the jobs at hand and says that the worker is
 * there, however busy the main thread is. A main thread that has not been heard of for a minute hangs: then others may
 * have its jobs.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { Job, Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { PREFIX } from './keys.js'
import { announce, type WorkerPresence } from './presence.js'

/** What the thread is started with. */
export interface KeeperData {
  url: string
  queue: string
  lockMs: number
  presence: WorkerPresence
}

/** What the main thread tells it. */
export type KeeperMessage =
  | { kind: 'hold'; jobId: string; token: string }
  | { kind: 'let go'; jobId: string }
  | { kind: 'here'; running: number }
  | { kind: 'end' }

const HANGS_MS = 60_000
const PRESENCE_EVERY_MS = 500

const { url, queue: name, lockMs, presence } = workerData as KeeperData
const redis = new Redis(url, { maxRetriesPerRequest: null })
const queue = new Queue(name, { connection: redis, prefix: PREFIX })
const held = new Map<string, string>()
let heard = Date.now()

const renew = async (): Promise<void> => {
  if (Date.now() - heard > HANGS_MS) return
  await Promise.all([...held].map(([id, token]) => new Job(queue, '', {}, {}, id).extendLock(token, lockMs)))
}
const beHere = async (): Promise<void> => {
  if (Date.now() - heard <= HANGS_MS) await announce(redis, presence)
}
/** A Redis that is away for a moment is asked again at the next beat. */
const quietly = (work: () => Promise<void>) => (): void => void work().catch(() => undefined)
const beats = [setInterval(quietly(renew), lockMs / 4), setInterval(quietly(beHere), PRESENCE_EVERY_MS)]
redis.on('error', () => undefined)

parentPort!.on('message', (message: KeeperMessage) => {
  heard = Date.now()
  if (message.kind === 'hold') held.set(message.jobId, message.token)
  else if (message.kind === 'let go') held.delete(message.jobId)
  else if (message.kind === 'here') presence.running = message.running
  else {
    beats.forEach(clearInterval)
    redis.disconnect()
    parentPort!.close()
  }
})
void beHere().then(
  () => parentPort!.postMessage('ready'),
  (error: unknown) => {
    throw error
  },
)
