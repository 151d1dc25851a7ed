/** An engine that is far away: requests go into a queue, answers come back over streams. */
import { randomUUID } from 'node:crypto'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import type { GeneratePart } from '../../api/answer.js'
import type { Generates } from '../../api/generates.js'
import type { GenerateRequest } from '../../api/request.js'
import { RuntimeError, SequoiaError } from '../../spec/errors.js'
import { AnswerReader } from './answer-reader.js'
import { ABORTS, answerKeys, PREFIX, queueName } from './keys.js'
import { checkStore } from './store-address.js'
import { workersNow, type WorkerPresence } from './presence.js'
import { errorFromWire, toWire, type QueuedRequest } from './wire.js'

/** Where the queue is, and which model requests are for. */
export interface RemoteEngineOptions {
  /** `redis://...` or `rediss://...`. */
  redis: string
  /** Name that the workers serve the model under. */
  model: string
  /** Requests that may wait in the queue, of all gateways; more are refused with `overloaded`. Default 1024. */
  maxQueue?: number
  /** Milliseconds to wait for a first worker at opening; default 10,000. */
  waitMs?: number
  onError?: (error: unknown) => void
}

/** Milliseconds that a worker may be over a request's deadline before it is told that it is over. */
const GRACE_MS = 1_000
const LOOK_EVERY_MS = 100

/**
 * Opens the engine that the workers of a model are together. Throws `RuntimeError` where no worker serves it in time.
 *
 * ```ts
 * const engine = await remoteEngine({ redis: 'redis://localhost', model: 'smollm2-135m' })
 * app.use('/v1', sequoia({ engine }))
 * ```
 */
export async function remoteEngine(options: RemoteEngineOptions): Promise<Generates> {
  const url = checkStore(options.redis)
  const { model, maxQueue = 1024, waitMs = 10_000, onError = report } = options
  const redis = new Redis(url, { maxRetriesPerRequest: null, enableAutoPipelining: true })
  redis.on('error', onError)
  const queue = new Queue<QueuedRequest>(queueName(model), { connection: redis, prefix: PREFIX })
  queue.on('error', onError)
  const reader = await AnswerReader.open(redis, randomUUID(), onError)
  const open = new Set<AbortController>()
  let closing = false
  let workers = await firstWorkers()
  const info = { ...workers[0].info, model }

  async function firstWorkers(): Promise<WorkerPresence[]> {
    for (const end = Date.now() + waitMs; ;) {
      const found = (await workersNow(redis)).filter((one) => one.model === model)
      if (found.length > 0) return found
      if (Date.now() > end) {
        await shut()
        throw new RuntimeError(`no worker serves "${model}"; start one: sequoia worker --model ${model} --redis URL`)
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
  }

  async function shut(): Promise<void> {
    await reader.close()
    await queue.close()
    redis.disconnect()
  }

  async function* generate(given: GenerateRequest): AsyncGenerator<GeneratePart, void, undefined> {
    if (closing) throw new SequoiaError('closed', 'the engine is closed; open another one')
    const waiting = await queue.getJobCountByTypes('waiting', 'prioritized')
    if (waiting >= maxQueue)
      throw new SequoiaError('overloaded', `${waiting} requests wait already; come again when some are done`)
    const id = randomUUID()
    const over = new AbortController()
    open.add(over)
    const job = toWire(given, reader.gateway, Date.now())
    const leave = (): void => over.abort('abort')
    const late =
      given.timeoutMs === undefined ? undefined : setTimeout(() => over.abort('timeout'), given.timeoutMs + GRACE_MS)
    if (given.signal?.aborted) leave()
    given.signal?.addEventListener('abort', leave, { once: true })
    let isWhole = false
    try {
      const entries = reader.read(id, over.signal)
      await queue.add('generate', job, { jobId: id, removeOnComplete: true, removeOnFail: true })
      // Only a worker can tell what is wrong with it, and it may be long until one is free.
      given.onAccepted?.()
      for await (const { parts, end } of entries) {
        yield* parts
        if (!end) continue
        isWhole = true
        if (end.error) throw errorFromWire(end.error)
      }
      if (isWhole) return
      if (over.signal.reason === 'closed') throw new SequoiaError('closed', 'the engine was closed')
      if (over.signal.reason === 'timeout')
        throw new SequoiaError('timeout', `the answer was not complete within ${given.timeoutMs} ms`)
      yield { text: '', tokens: [], accepted: 0, finishReason: 'abort' }
    } finally {
      clearTimeout(late)
      given.signal?.removeEventListener('abort', leave)
      open.delete(over)
      await (isWhole ? forget(id) : giveUp(id)).catch(onError)
    }
  }

  /** An answer that was read whole is needed no more. */
  async function forget(id: string): Promise<void> {
    const { stream, state } = answerKeys(id)
    await redis.del(stream, state)
  }

  /** Stops whoever writes it within a step, and keeps others from beginning. */
  async function giveUp(id: string): Promise<void> {
    const { stream, state } = answerKeys(id)
    await redis.multi().hset(state, 'aborted', 1).pexpire(state, GRACE_MS).pexpire(stream, GRACE_MS).exec()
    await redis.publish(ABORTS, id)
    await queue.remove(id)
  }

  return {
    info,
    generate,
    encode: async () => {
      throw new SequoiaError('unsupported', 'prompts are encoded where the model is; ask a worker of it')
    },
    fault: async () => {
      workers = (await workersNow(redis)).filter((one) => one.model === model)
      return workers.length > 0 ? null : new RuntimeError(`no worker serves "${model}" now`)
    },
    usage: () => ({ slotsUsed: 0, slots: 0, running: open.size, waiting: 0 }),
    close: async ({ drainMs } = {}) => {
      closing = true
      const late =
        drainMs === undefined ? undefined : setTimeout(() => open.forEach((over) => over.abort('closed')), drainMs)
      while (open.size > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS / 2))
      clearTimeout(late)
      await shut()
    },
  }
}

function report(error: unknown): void {
  console.error('sequoia:', error)
}
