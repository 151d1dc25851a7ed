/**
 * A worker: an engine that takes requests from the queue of its model. Jobs are BullMQ's, so that one whose worker is
 * gone goes to another; what was said of its answer lies in a stream, so that the other goes on behind the last token.
 */
import { randomUUID } from 'node:crypto'
import { Worker, WaitingError, type Job } from 'bullmq'
import { Redis } from 'ioredis'
import type { Generates } from '../../api/generates.js'
import { SequoiaError } from '../../spec/errors.js'
import { AnswerLost, AnswerWriter } from './answer-writer.js'
import { ABORTS, answerKeys, PREFIX, queueName } from './keys.js'
import { Keeper } from './keeper.js'
import { checkStore } from './store-address.js'
import { withdraw, workersNow } from './presence.js'
import { errorToWire, fromWire, type QueuedRequest } from './wire.js'

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
   * rest back to the queue, where others go on with it. The engine stays open.
   */
  close(options?: { drainMs?: number }): Promise<void>
}

/** A lock that is not renewed for so long is a dead worker's; locks are looked at this often. */
const LOCK_MS = 1_000
const STALLED_EVERY_MS = 500
/** A job that only another worker may go on with is left for that one, for a moment. */
const LEAVE_MS = 200

/** BullMQ's codes for a job whose lock is missing or another's. */
const LOST_LOCKS: ReadonlySet<unknown> = new Set([-2, -6])

/** Starts a worker; resolves when it takes requests. Throws `InvalidArgumentError` where `redis` is no address. */
export async function worker(options: WorkerOptions): Promise<QueueWorker> {
  const { engine, model = engine.info.model, onError = report } = options
  const url = checkStore(options.redis)
  const width = options.width ?? engine.info.maxBatch
  const id = randomUUID()
  const { fingerprint } = engine.info
  const redis = new Redis(url, { maxRetriesPerRequest: null, enableAutoPipelining: true })
  const aborts = redis.duplicate()
  redis.on('error', onError)
  aborts.on('error', onError)
  const name = queueName(model)
  const presence = { id, model, info: engine.info, fingerprint, width, running: 0 }
  const keeper = new Keeper({ url, queue: name, lockMs: LOCK_MS, presence }, onError)
  const running = new Map<string, AbortController>()
  await aborts.subscribe(ABORTS)
  aborts.on('message', (_channel, jobId: string) => running.get(jobId)?.abort('given up'))

  async function process(job: Job<QueuedRequest>, token = ''): Promise<void> {
    const jobId = job.id!
    const control = new AbortController()
    running.set(jobId, control)
    keeper.hold(jobId, token)
    let writer: AnswerWriter | undefined
    try {
      writer = await AnswerWriter.begin(redis, jobId, job.data.gateway)
      if (writer.hasEnded || !(await mayGoOn(job, token, writer))) return
      if (writer.isWhole) return await writer.end(null)
      const request = { ...fromWire(job.data, Date.now()), ...begun(writer), signal: control.signal }
      for await (const part of engine.generate(request)) {
        // What an engine says when it is stopped is not the answer's end: another worker goes on.
        if (control.signal.reason === 'handed back') break
        await writer.add(part)
      }
      if (control.signal.reason === 'handed back') return await handBack(job, token)
      await writer.end(null)
    } catch (error) {
      if (error instanceof WaitingError) throw error
      if (control.signal.reason === 'handed back') return await handBack(job, token)
      if (error instanceof AnswerLost) return
      await writer?.end(errorToWire(error)).catch(() => undefined)
      if (!(error instanceof SequoiaError)) onError(error)
    } finally {
      running.delete(jobId)
      keeper.letGo(jobId)
    }
  }

  /** Whether this engine would write on as the one that began; where not, another worker may, or the answer ends. */
  async function mayGoOn(job: Job<QueuedRequest>, token: string, writer: AnswerWriter): Promise<boolean> {
    const { state } = answerKeys(job.id!)
    if (writer.said.length === 0) {
      await redis.hset(state, 'fingerprint', fingerprint)
      return true
    }
    const begun = await redis.hget(state, 'fingerprint')
    if (begun === fingerprint) return true
    const others = await workersNow(redis)
    if (others.some((other) => other.model === model && other.fingerprint === begun)) {
      await new Promise((resolve) => setTimeout(resolve, LEAVE_MS))
      return handBack(job, token)
    }
    const message =
      'the worker that began this answer is gone, and no other has the same model files, version and instruction set'
    await writer.end({ code: 'runtime_failed', message, param: null })
    return false
  }

  await keeper.ready()
  const jobs = new Worker<QueuedRequest>(name, process, {
    connection: redis,
    prefix: PREFIX,
    concurrency: width,
    lockDuration: LOCK_MS,
    skipLockRenewal: true,
    stalledInterval: STALLED_EVERY_MS,
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  })
  jobs.on('error', (error) => {
    // Of a job that another has by now: it was told so when it wrote.
    if (!LOST_LOCKS.has((error as { code?: unknown }).code)) onError(error)
  })
  await jobs.waitUntilReady()

  return {
    id,
    close: async ({ drainMs } = {}) => {
      await jobs.pause(true)
      await withdraw(redis, id)
      const late =
        drainMs === undefined
          ? undefined
          : setTimeout(() => running.forEach((control) => control.abort('handed back')), drainMs)
      await jobs.close()
      clearTimeout(late)
      await keeper.close()
      await withdraw(redis, id)
      aborts.disconnect()
      redis.disconnect()
    },
  }
}

/** What an engine needs to go on behind what was said. */
function begun({ said }: AnswerWriter): { resume?: number[] } {
  return said.length === 0 ? {} : { resume: said.flatMap(({ parts }) => parts.flatMap(({ tokens }) => tokens)) }
}

/** Back to the front of the queue: whoever takes it goes on behind what was said. */
async function handBack(job: Job, token: string): Promise<never> {
  await job.moveToWait(token)
  throw new WaitingError()
}

function report(error: unknown): void {
  console.error('sequoia:', error)
}
