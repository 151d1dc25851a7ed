/** An engine that is far away: requests go into a queue, answers come back over streams. */
import { setTimeout as delay } from 'node:timers/promises'
import { randomUUID } from 'node:crypto'
import type { GeneratePart } from '../../api/answer.js'
import type { Generates, QueueState } from '../../api/generates.js'
import type { GenerateRequest } from '../../api/request.js'
import { unlessAborted } from '../../common/unless-aborted.js'
import { RuntimeError, SequoiaError } from '../../spec/errors.js'
import { AnswerReader } from './answer-reader.js'
import { ABORTS } from './keys.js'
import { Losses } from './losses.js'
import { OpenRequest } from './open-request.js'
import { Placing } from './placing.js'
import { Store, isOfConnection } from './store-connection.js'
import { checkStore } from './store-address.js'
import { QueueWatch } from './watch.js'
import { errorFromWire, toWire } from './wire.js'

/** Where the queue is, and which model requests are for. */
export interface RemoteEngineOptions {
  /** `redis://...` or `rediss://...`. */
  redis: string
  /** Name that the workers serve the model under. */
  model: string
  /** Requests that may wait in the queue, of all gateways; more are refused with `overloaded`. Default 1024. */
  maxQueue?: number
  /**
   * Milliseconds that a request may wait until a worker says its first token; then it fails with `overloaded`.
   * Default: however long it takes.
   */
  maxWaitMs?: number
  /** Whether a conversation goes to the worker that read its beginning, while that one has room; default true. */
  affinity?: boolean
  /** Milliseconds to wait for a first worker at opening; default 10,000. */
  waitMs?: number
  onError?: (error: unknown) => void
}

/** What `remoteEngine` opens: answers as an engine does, and tells of its queue. */
export interface RemoteEngine extends Generates {
  /** The queue as it was half a second ago at most. */
  queue(): QueueState
}

const LOOK_EVERY_MS = 100
/** At closing: what is ended takes its leave of the store for so long. Who does not read does not come to it. */
const LEAVE_MS = 1_000

/**
 * Opens the engine that the workers of a model are together. Throws `RuntimeError` where no worker serves it in time.
 *
 * ```ts
 * const engine = await remoteEngine({ redis: 'redis://localhost', model: 'smollm2-135m' })
 * app.use('/v1', sequoia({ engine }))
 * ```
 */
export async function remoteEngine(options: RemoteEngineOptions): Promise<RemoteEngine> {
  const url = checkStore(options.redis)
  const { model, maxQueue = 1024, maxWaitMs, affinity = true, waitMs = 10_000, onError = report } = options
  const open = new Set<OpenRequest>()
  const unlessCut = (error: unknown): void => void (isOfConnection(error) || onError(error))
  const store = new Store(url, {
    onError,
    onAway: () => open.forEach((request) => request.end('away')),
    onBack: () => void reader.sayAlive().catch(unlessCut),
  })
  const { redis } = store
  const reader = new AnswerReader(redis, store.blocking(), randomUUID(), unlessCut)
  const placing = new Placing({ redis, model, maxQueue, affinity, onError: unlessCut })
  const losses = new Losses(reader, placing)
  const watch = new QueueWatch({
    redis,
    queue: placing.shared,
    model,
    onGone: (id) => void placing.sweep(id).catch(unlessCut),
    onLook: () => losses.look(watch.workers),
    onError: unlessCut,
  })
  let closing = false
  let meanMs = 1_000

  await firstWorker()
  watch.start()
  const info = { ...watch.workers[0].info, model }

  async function firstWorker(): Promise<void> {
    for (const end = Date.now() + waitMs; ;) {
      await unlessAborted(store.isThere ? watch.look() : Promise.resolve(), store.lost)
      if (watch.workers.length > 0) return
      if (Date.now() > end) {
        const isThere = store.isThere
        await shut()
        if (!isThere) throw new RuntimeError(`the store cannot be reached: ${url}`)
        throw new RuntimeError(`no worker serves "${model}"; start one: sequoia worker --model ${model} --redis URL`)
      }
      await delay(LOOK_EVERY_MS)
    }
  }

  async function shut(): Promise<void> {
    watch.stop()
    await unlessAborted(Promise.all([reader.close(), placing.close()]), store.lost)
    store.close()
  }

  /** How long so many who wait will take, by the requests that ended lately. */
  const secondsFor = (waiting: number): number =>
    Math.min(60, Math.max(1, Math.ceil((waiting * meanMs) / Math.max(1, watch.state.places) / 1000)))

  async function* generate(given: GenerateRequest): AsyncGenerator<GeneratePart, void, undefined> {
    if (closing) throw new SequoiaError('closed', 'the engine is closed; open another one')
    store.assertThere()
    const job = toWire(given, reader.gateway, Date.now())
    const request = new OpenRequest(given, maxWaitMs)
    open.add(request)
    let isWhole = false
    try {
      for (let afresh = true; !request.isOver && !isWhole; afresh = false) {
        const id = randomUUID()
        let hasEnded = false
        const { workers } = watch
        // One connection brings them in this order: whoever takes the job finds that its answer is waited for.
        const wanted = reader.want(id)
        const hasRoom = watch.hasRoom(open.size)
        const put = placing.put(id, job, { request: given, workers, afresh, hasRoom, secondsFor })
        try {
          await unlessAborted(Promise.all([wanted, put]), request.over)
          if (request.isOver) break
          // Only a worker can tell what is wrong with it, and it may be long until one is free.
          if (afresh) given.onAccepted?.()
          for await (const { parts, by, end } of reader.read(id, request.over)) {
            request.hasBegun = true
            job.fingerprint = by ?? job.fingerprint
            for (const part of parts) {
              job.said.push(...part.tokens)
              isWhole ||= part.finishReason !== undefined
              yield part
            }
            if (!end) continue
            hasEnded = isWhole = true
            if (end.error) throw errorFromWire(end.error)
          }
        } finally {
          const placed = Promise.allSettled([wanted, put])
          await unlessAborted(placed.then(() => leave(id, hasEnded)).catch(unlessCut), store.lost)
        }
      }
      if (isWhole) meanMs += (request.runningMs - meanMs) / 10
      else yield request.ending(secondsFor(watch.state.waiting))
    } finally {
      request.dispose()
      open.delete(request)
    }
  }

  /** What is left of a request: of one that was read whole its answer, of others also their place. */
  async function leave(id: string, hasEnded: boolean): Promise<void> {
    const left = reader.leave(id)
    if (hasEnded) placing.forget(id)
    else await Promise.all([redis.publish(ABORTS, id), placing.remove(id)])
    await left
  }

  return {
    info,
    generate,
    queue: () => watch.state,
    encode: async () => {
      throw new SequoiaError('unsupported', 'prompts are encoded where the model is; ask a worker of it')
    },
    fault: async () => {
      await unlessAborted(store.isThere ? watch.look() : Promise.resolve(), store.lost)
      if (!store.isThere) return new RuntimeError(`the store cannot be reached: ${url}`)
      return watch.workers.length > 0 ? null : new RuntimeError(`no worker serves "${model}" now`)
    },
    usage: () => {
      const running = [...open].filter(({ hasBegun }) => hasBegun).length
      return { slotsUsed: 0, slots: 0, running, waiting: open.size - running }
    },
    close: async ({ drainMs } = {}) => {
      closing = true
      const end = performance.now() + (drainMs ?? Infinity)
      const untilNone = async (atMs: number): Promise<void> => {
        while (open.size > 0 && performance.now() < atMs) await delay(LOOK_EVERY_MS / 2)
      }
      await untilNone(end)
      open.forEach((one) => one.end('closed'))
      await untilNone(end + LEAVE_MS)
      await shut()
    },
  }
}

function report(error: unknown): void {
  console.error('sequoia:', error)
}
