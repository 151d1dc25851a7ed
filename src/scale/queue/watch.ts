/** What a gateway knows of its queue without asking: workers and who waits, as of half a second ago. */
import type { Redis } from 'ioredis'
import type { Queue } from 'bullmq'
import type { QueueState } from '../../api/generates.js'
import { workersNow, type WorkerPresence } from './presence.js'

const EVERY_MS = 500

export class QueueWatch {
  /** The model's workers. */
  workers: readonly WorkerPresence[] = []
  private waiting = 0
  private timer: NodeJS.Timeout | undefined
  private looking: Promise<void> | undefined

  /** `onGone`: a worker of any model is gone. `onLook`: after each look. */
  constructor(
    private readonly options: {
      redis: Redis
      queue: Queue
      model: string
      onGone(id: string): void
      onLook(): Promise<void>
      onError(error: unknown): void
    },
  ) {}

  get state(): QueueState {
    const sum = (of: (one: WorkerPresence) => number): number => this.workers.reduce((all, one) => all + of(one), 0)
    return {
      workers: this.workers.length,
      places: sum(({ width }) => width),
      running: sum(({ running }) => running),
      waiting: this.waiting,
    }
  }

  /** Whether workers had room for so many more. */
  hasRoom(more: number): boolean {
    const { places, running, waiting } = this.state
    return running + waiting + more <= places
  }

  start(): void {
    this.timer = setInterval(() => {
      this.looking ??= this.lookAround().finally(() => (this.looking = undefined))
    }, EVERY_MS)
  }

  /** Looks now. */
  async look(): Promise<void> {
    const { redis, queue, model, onGone } = this.options
    const [workers, waiting] = await Promise.all([
      workersNow(redis, onGone),
      queue.getJobCountByTypes('waiting', 'prioritized'),
    ])
    this.workers = workers.filter((one) => one.model === model)
    this.waiting = waiting
  }

  stop(): void {
    clearInterval(this.timer)
  }

  private async lookAround(): Promise<void> {
    try {
      await this.look()
      await this.options.onLook()
    } catch (error) {
      this.options.onError(error)
    }
  }
}
