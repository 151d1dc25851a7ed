/** Answers the jobs of a worker: each by its engine, into its stream, from where others left it. */
import { setTimeout as delay } from 'node:timers/promises'
import { WaitingError, type Job } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Generates } from '../../api/generates.js'
import { SequoiaError } from '../../spec/errors.js'
import { AnswerLost, AnswerWriter } from './answer-writer.js'
import type { Keeper } from './keeper.js'
import { prefixKey } from './keys.js'
import { workersNow } from './presence.js'
import { errorToWire, fromWire, type QueuedRequest } from './wire.js'

/** A job that only another worker may go on with is left for that one, for a moment. */
const LEAVE_MS = 200
/** How long it is known who read a beginning; caches keep it less long where there is much to do. */
const KNOWN_MS = 10 * 60_000

export interface JobRunnerOptions {
  redis: Redis
  engine: Generates
  model: string
  /** The worker's id. */
  worker: string
  keeper: Keeper
  onError(error: unknown): void
}

interface Running {
  queue: string
  jobId: string
  control: AbortController
}

export class JobRunner {
  /** By the tokens of their locks: a job that was lost to another may come back to this worker. */
  private readonly running = new Map<string, Running>()
  /** Told how many jobs of each queue run. */
  onChange: (running: ReadonlyMap<string, number>) => void = () => undefined

  constructor(private readonly options: JobRunnerOptions) {}

  /** Runs one job; what it throws is for BullMQ. */
  async run(queue: string, job: Job<QueuedRequest>, token: string): Promise<void> {
    const { redis, engine, keeper, onError } = this.options
    const { fingerprint } = engine.info
    const jobId = job.id!
    const control = new AbortController()
    const isHandedBack = (): boolean => control.signal.reason === 'handed back'
    this.running.set(token, { queue, jobId, control })
    this.changed()
    keeper.hold(queue, jobId, token)
    let writer: AnswerWriter | undefined
    try {
      const begun = job.data.fingerprint ?? undefined
      writer = await AnswerWriter.begin(redis, jobId, job.data.gateway, fingerprint, begun)
      if (writer.hasEnded || !(await this.mayGoOn(job, token, writer))) return
      if (writer.isWhole) return await writer.end(null)
      const said = [...job.data.said, ...writer.tokens]
      const resume = said.length === 0 ? {} : { resume: said }
      for await (const part of engine.generate({
        ...fromWire(job.data, Date.now()),
        ...resume,
        signal: control.signal,
      })) {
        // What an engine says when it is stopped is not the answer's end: another worker goes on.
        if (isHandedBack()) break
        await writer.add(part)
      }
      if (isHandedBack()) return await handBack(job, token)
      await Promise.all([writer.end(null), this.remember(job.data)])
    } catch (error) {
      if (error instanceof WaitingError) throw error
      if (isHandedBack()) return await handBack(job, token)
      if (error instanceof AnswerLost) return
      await writer?.end(errorToWire(error)).catch(() => undefined)
      if (!(error instanceof SequoiaError)) onError(error)
    } finally {
      this.running.delete(token)
      this.changed()
      keeper.letGo(token)
    }
  }

  /** Whoever asked has left. */
  giveUp(jobId: string): void {
    for (const one of this.running.values()) if (one.jobId === jobId) one.control.abort('given up')
  }

  /** Stops all within a step, for others to go on with. */
  handBackAll(): void {
    for (const { control } of this.running.values()) control.abort('handed back')
  }

  private changed(): void {
    const counts = new Map<string, number>()
    for (const { queue } of this.running.values()) counts.set(queue, (counts.get(queue) ?? 0) + 1)
    this.onChange(counts)
  }

  /** Whether this engine would write on as the one that began; where not, another worker may, or the answer ends. */
  private async mayGoOn(job: Job<QueuedRequest>, token: string, writer: AnswerWriter): Promise<boolean> {
    const { redis, engine, model } = this.options
    if (writer.begunBy === engine.info.fingerprint) return true
    const others = await workersNow(redis)
    if (others.some((other) => other.model === model && other.fingerprint === writer.begunBy)) {
      await delay(LEAVE_MS)
      return handBack(job, token)
    }
    const message =
      'the worker that began this answer is gone, and no other has the same model files, version and instruction set'
    await writer.end({ code: 'runtime_failed', message, param: null })
    return false
  }

  /** Says that this worker knows how the prompt begins. */
  private async remember({ prefixes }: QueuedRequest): Promise<void> {
    const { redis, model, worker } = this.options
    await Promise.all(prefixes.map((hash) => redis.set(prefixKey(model, hash), worker, 'PX', KNOWN_MS)))
  }
}

/** Back to the front of the queue: whoever takes it goes on behind what was said. */
async function handBack(job: Job, token: string): Promise<never> {
  await job.moveToWait(token)
  throw new WaitingError()
}
