/**
 * Where a request is put: into the queue that all workers of its model take from, in its caller's turn; or into that of
 * the worker which read such a beginning before, while that one has room.
 */
import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { GenerateRequest } from '../../api/request.js'
import { SequoiaError } from '../../spec/errors.js'
import { ownQueueName, PREFIX, prefixKey, queueName, turnsKey } from './keys.js'
import { prefixesOf } from './prefixes.js'
import type { WorkerPresence } from './presence.js'
import { AT_ONCE, nextTurn } from './caller-turns.js'
import type { QueuedRequest } from './wire.js'

/** How much more than its share a worker may have to do and still be sent what it knows (bounded loads). */
const LOAD_FACTOR = 1.25
/** Batches bring their own bound: as many requests as they run at once. */
const NO_BOUND = 2 ** 31

export interface PlacingOptions {
  redis: Redis
  model: string
  maxQueue: number
  /** Whether conversations go to the worker that knows them. */
  affinity: boolean
  onError(error: unknown): void
}

/** Where one request was put. */
interface Place {
  queue: Queue
  worker: string | null
}

export class Placing {
  readonly shared: Queue<QueuedRequest>
  private readonly places = new Map<string, Place>()
  private readonly own = new Map<string, Queue>()

  constructor(private readonly options: PlacingOptions) {
    this.shared = this.open(queueName(options.model))
  }

  /**
   * Puts a request into a queue. `afresh`: it has not been there before, and may find the queue full: that throws
   * `SequoiaError` ('overloaded'), with the seconds that `secondsFor` gives for so many who wait.
   */
  async put(
    id: string,
    job: QueuedRequest,
    {
      request,
      workers,
      afresh,
      hasRoom,
      secondsFor,
    }: {
      request: GenerateRequest
      workers: readonly WorkerPresence[]
      afresh: boolean
      /** Whether workers have room for all there are: then nobody waits for whose turn it is. */
      hasRoom: boolean
      secondsFor(waiting: number): number
    },
  ): Promise<void> {
    const { urgency = 'interactive' } = request
    job.prefixes = this.options.affinity ? prefixesOf(request) : []
    const [known, turn] = await Promise.all([
      this.whoKnows(job.prefixes, workers),
      afresh && urgency === 'interactive' && hasRoom ? AT_ONCE : this.turnOf(request),
    ])
    if (turn.priority === null && afresh)
      throw new SequoiaError('overloaded', `${turn.waiting} requests wait already; come again when some are done`, {
        retryAfterSeconds: secondsFor(turn.waiting),
      })
    const worker = turn.waiting === 0 && urgency === 'interactive' ? known : null
    const queue = worker === null ? this.shared : this.queueOf(worker)
    this.places.set(id, { queue, worker })
    // What was begun goes on before what was not.
    const priority = afresh ? (turn.priority ?? undefined) : undefined
    await queue.add('generate', job, { jobId: id, priority, removeOnComplete: true, removeOnFail: true })
  }

  /** Takes a request out again, where no worker has it. */
  async remove(id: string): Promise<void> {
    const place = this.places.get(id)
    this.places.delete(id)
    await place?.queue.remove(id)
  }

  /** A request was answered: the queue has nothing more of it. */
  forget(id: string): void {
    this.places.delete(id)
  }

  /** Which of these requests no queue holds. */
  async gone(ids: readonly string[]): Promise<string[]> {
    const keys = ids.map((id) => (this.places.get(id)?.queue ?? this.shared).toKey(id))
    const found = await Promise.all(keys.map((key) => this.options.redis.exists(key)))
    return ids.filter((id, i) => found[i] === 0 && this.places.has(id))
  }

  /** Workers that have requests to themselves. */
  workers(): Set<string> {
    return new Set([...this.places.values()].flatMap(({ worker }) => worker ?? []))
  }

  /** Requests that were put where only this worker takes them. */
  ofWorker(worker: string): string[] {
    return [...this.places].filter(([, place]) => place.worker === worker).map(([id]) => id)
  }

  /** Removes what is left of the queue of a worker that is gone. */
  async sweep(worker: string): Promise<void> {
    this.own.delete(worker)
    await this.open(ownQueueName(worker)).obliterate({ force: true })
  }

  async close(): Promise<void> {
    await Promise.all([this.shared, ...this.own.values()].map((queue) => queue.close()))
  }

  private open(name: string): Queue {
    const { redis, onError } = this.options
    const queue = new Queue(name, { connection: redis, prefix: PREFIX, skipMetasUpdate: true })
    queue.on('error', onError)
    return queue
  }

  private queueOf(worker: string): Queue {
    const queue = this.own.get(worker) ?? this.open(ownQueueName(worker))
    this.own.set(worker, queue)
    return queue
  }

  private turnOf({ caller = '', urgency = 'interactive' }: GenerateRequest): ReturnType<typeof nextTurn> {
    const { redis, model, maxQueue } = this.options
    const [prioritized, wait] = ['prioritized', 'wait'].map((name) => this.shared.toKey(name))
    const mostWaiting = urgency === 'batch' ? NO_BOUND : maxQueue
    return nextTurn(redis, { prioritized, wait, turns: turnsKey(model, urgency) }, { caller, urgency, mostWaiting })
  }

  /** The worker that knows the longest beginning, if it has room and no more than its share to do. */
  private async whoKnows(prefixes: readonly string[], workers: readonly WorkerPresence[]): Promise<string | null> {
    if (prefixes.length === 0 || workers.length < 2) return null
    const { redis, model } = this.options
    const found = await redis.mget(prefixes.map((hash) => prefixKey(model, hash)))
    const id = found.find((one) => one !== null && workers.some((worker) => worker.id === one))
    const known = workers.find((worker) => worker.id === id)
    if (!known) return null
    const running = workers.reduce((sum, worker) => sum + this.loadOf(worker), 0)
    const share = Math.ceil((LOAD_FACTOR * (running + 1)) / workers.length)
    return this.loadOf(known) < Math.min(known.width, share) ? known.id : null
  }

  /** What it said it has, or what it was sent since. */
  private loadOf({ id, running }: WorkerPresence): number {
    return Math.max(running, this.ofWorker(id).length)
  }
}
