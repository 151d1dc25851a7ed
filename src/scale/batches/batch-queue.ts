/**
 * The batches of this process: one runs at a time, oldest first; what was under way when the process ended goes on.
 * Cancelling and the end of a batch's window stop it between two answers.
 */
import { isEnded, type Batch, type NewBatch } from './batch-object.js'
import type { StoredBatch } from './folder-batches.js'
import { runBatch, type BatchContext, type Stop } from './run-batch.js'

export interface BatchQueueOptions extends BatchContext {
  /** Told of what ends a batch without its having been its own fault. */
  onError(error: unknown): void
}

export class BatchQueue {
  private readonly waiting: StoredBatch[] = []
  private current: { stored: StoredBatch; stop: AbortController } | null = null
  private loop: Promise<void> | null = null
  private closed = false

  private constructor(private readonly options: BatchQueueOptions) {}

  /** Takes up what an earlier process left. */
  static async open(options: BatchQueueOptions): Promise<BatchQueue> {
    const queue = new BatchQueue(options)
    const left = (await options.batches.list()).filter(({ batch }) => !isEnded(batch))
    queue.waiting.push(...left.sort((a, b) => (a.batch.id < b.batch.id ? -1 : 1)))
    queue.start()
    return queue
  }

  async submit(owner: string, outputExpiresAfter: number | null, given: NewBatch): Promise<Batch> {
    const stored = await this.options.batches.create(owner, outputExpiresAfter, given)
    const shown = { ...stored.batch }
    this.waiting.push(stored)
    this.start()
    return shown
  }

  /** A batch as it is now; null where there is none of this owner's. */
  async get(owner: string, id: string): Promise<Batch | null> {
    const held = this.held(id)
    return held ? (held.owner === owner ? held.batch : null) : this.options.batches.get(owner, id)
  }

  async list(owner: string): Promise<Batch[]> {
    const stored = await this.options.batches.list(owner)
    return stored.map(({ batch }) => this.held(batch.id)?.batch ?? batch)
  }

  /** Begins to cancel; null where there is none. One that has ended stays as it is. */
  async cancel(owner: string, id: string): Promise<Batch | null> {
    const held = this.held(id)
    if (!held) return this.options.batches.get(owner, id)
    if (held.owner !== owner) return null
    if (isEnded(held.batch) || held.ending) return held.batch
    Object.assign(held.batch, { status: 'cancelling', cancelling_at: Math.floor(this.options.batches.now() / 1000) })
    await this.options.batches.write(held)
    if (this.current?.stored === held) this.current.stop.abort('cancelled' satisfies Stop)
    return { ...held.batch }
  }

  /** Stops between two answers; the next process goes on. */
  async close(): Promise<void> {
    this.closed = true
    this.current?.stop.abort('interrupted' satisfies Stop)
    await this.loop
  }

  /** Resolves when no batch waits or runs. */
  async idle(): Promise<void> {
    while (this.loop) await this.loop
  }

  private held(id: string): StoredBatch | undefined {
    const { stored } = this.current ?? {}
    return stored?.batch.id === id ? stored : this.waiting.find(({ batch }) => batch.id === id)
  }

  private start(): void {
    this.loop ??= this.run()
  }

  private async run(): Promise<void> {
    await Promise.resolve()
    for (let stored = this.waiting.shift(); stored && !this.closed; stored = this.waiting.shift()) {
      const stop = new AbortController()
      this.current = { stored, stop }
      const { status, expires_at: expiresAt } = stored.batch
      if (status === 'cancelling') stop.abort('cancelled' satisfies Stop)
      const leftMs = expiresAt * 1000 - this.options.batches.now()
      const expiry = setTimeout(() => stop.abort('expired' satisfies Stop), Math.max(0, leftMs))
      await runBatch(this.options, stored, stop.signal).catch(this.options.onError)
      clearTimeout(expiry)
      this.current = null
    }
    // In the same tick as the last look: who submits from here on starts it again.
    this.loop = null
  }
}
