/**
 * A worker's sign of life, in a thread of its own: it renews the locks of the jobs at hand and says that the worker is
 * there, however busy the main thread is. A main thread that has not been heard of for a minute hangs: then others may
 * have its jobs.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { Job, Queue } from 'bullmq'
import { PREFIX } from './keys.js'
import { announce, type WorkerPresence } from './presence.js'
import { quietConnection } from './store-connection.js'

/** What the thread is started with. */
export interface KeeperData {
  url: string
  lockMs: number
  presence: WorkerPresence
}

/** What the main thread tells it. */
export type KeeperMessage =
  | { kind: 'hold'; queue: string; jobId: string; token: string }
  | { kind: 'let go'; token: string }
  | { kind: 'here'; running: number }
  | { kind: 'end' }

const HANGS_MS = 60_000
const PRESENCE_EVERY_MS = 400

const { url, lockMs, presence } = workerData as KeeperData
const redis = quietConnection(url)
const queues = new Map<string, Queue>()
/** Jobs at hand, by the tokens of their locks: a job that was lost may come back under another one. */
const held = new Map<string, Job>()
let heard = Date.now()

/** Whether others are to know: what is said to a store that is away would all arrive late. */
const isDue = (): boolean => redis.status === 'ready' && Date.now() - heard <= HANGS_MS
const renew = async (): Promise<void> => {
  if (!isDue()) return
  await Promise.allSettled([...held].map(([token, job]) => job.extendLock(token, lockMs)))
}
const queueOf = (name: string): Queue => {
  const known = queues.get(name)
  if (known) return known
  const queue = new Queue(name, { connection: redis, prefix: PREFIX, skipMetasUpdate: true })
  queue.on('error', () => undefined)
  queues.set(name, queue)
  return queue
}
const beHere = async (): Promise<void> => {
  if (isDue()) await announce(redis, presence)
}
/** A Redis that is away for a moment is asked again at the next beat. */
const quietly = (work: () => Promise<void>) => (): void => void work().catch(() => undefined)
const beats = [setInterval(quietly(renew), lockMs / 4), setInterval(quietly(beHere), PRESENCE_EVERY_MS)]

parentPort!.on('message', (message: KeeperMessage) => {
  heard = Date.now()
  if (message.kind === 'hold') held.set(message.token, new Job(queueOf(message.queue), '', {}, {}, message.jobId))
  else if (message.kind === 'let go') held.delete(message.token)
  else if (message.kind === 'here') presence.running = message.running
  else {
    beats.forEach(clearInterval)
    redis.disconnect()
    parentPort!.close()
  }
})
void announce(redis, presence).then(
  () => parentPort!.postMessage('ready'),
  (error: unknown) => {
    throw error
  },
)
