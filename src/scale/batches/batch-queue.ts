/**
 * The batches of a folder, which several processes may share: one of them at a time, the one that holds the lease, runs
 * them, one after another, oldest first; what it left when it ended another goes on with. Cancelling and the end of a
 * batch's window stop it between two answers.
 */
import { isEnded, type Batch, type NewBatch } from './batch-object.js'
import type { StoredBatch } from './folder-batches.js'
import { takeLease, type Lease } from './lease.js'
import { runBatch, type BatchContext, type Stop } from './run-batch.js'

export interface BatchQueueOptions extends BatchContext {
  /** Told of what ends a batch without its having been its own fault. */
  onError(error: unknown): void
}

/** How often a process looks for what others put into the folder. */
const LOOK_EVERY_MS = 1_000

export class BatchQueue {
  private current: { stored: StoredBatch; stop: AbortController } | null = null
  private lease: Lease | null = null
  /** Batches that have ended, or that cannot be run here. */
  private readonly past = new Set<string>()
  private closed = false
  /** Something was put into the folder since it was last looked at. */
  private hasNews = false
  private wake = (): void => {}
  private waiters: (() => void)[] = []
  private readonly looking: NodeJS.Timeout
  private readonly loop: Promise<void>

  private constructor(private readonly options: BatchQueueOptions) {
    this.looking = setInterval(() => void this.look().catch(options.onError), LOOK_EVERY_MS)
    this.looking.unref()
    this.loop = this.run()
  }

  /** Takes up what an earlier process left, if no other does. */
  static open(options: BatchQueueOptions): BatchQueue {
    return new BatchQueue(options)
  }

  async submit(owner: string, outputExpiresAfter: number | null, given: NewBatch): Promise<Batch> {
    const { batch } = await this.options.batches.create(owner, outputExpiresAfter, given)
    this.news()
    return batch
  }

  /** A batch as it is now; null where there is none of this owner's. */
  async get(owner: string, id: string): Promise<Batch | null> {
    const { stored } = this.current ?? {}
    if (stored?.batch.id === id) return stored.owner === owner ? stored.batch : null
    return this.options.batches.get(owner, id)
  }

  async list(owner: string): Promise<Batch[]> {
    const { stored } = this.current ?? {}
    const all = await this.options.batches.list(owner)
    return all.map(({ batch }) => (batch.id === stored?.batch.id ? stored.batch : batch))
  }

  /** Begins to cancel; null where there is none. One that has ended stays as it is. */
  async cancel(owner: string, id: string): Promise<Batch | null> {
    const batch = await this.get(owner, id)
    if (batch === null || isEnded(batch)) return batch
    await this.options.batches.askToCancel(id)
    await this.look()
    this.news()
    const cancelled = await this.get(owner, id)
    return cancelled && { ...cancelled }
  }

  /** Stops between two answers; another process, or the next one, goes on. */
  async close(): Promise<void> {
    this.closed = true
    clearInterval(this.looking)
    this.current?.stop.abort('interrupted' satisfies Stop)
    this.wake()
    await this.loop
  }

  /** Resolves when this process finds nothing to run. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.waiters.push(resolve)
      this.news()
    })
  }

  private news(): void {
    this.hasNews = true
    this.wake()
  }

  private async run(): Promise<void> {
    const { onError } = this.options
    while (!this.closed) {
      this.hasNews = false
      const stored = await this.next().catch(onError)
      if (stored) await this.runOne(stored, this.lease!).catch(onError)
      else if (!this.hasNews && !this.closed) await this.untilNews()
    }
    await this.lease?.release()
  }

  private async untilNews(): Promise<void> {
    this.waiters.splice(0).forEach((resolve) => resolve())
    await new Promise<void>((resolve) => (this.wake = resolve))
  }

  /** The oldest batch that has not ended; null where there is none, or another process runs them. */
  private async next(): Promise<StoredBatch | null> {
    const { batches } = this.options
    if (this.lease?.isHeld() === false) this.lease = null
    this.lease ??= await takeLease(batches.folder)
    if (this.lease === null) return null
    for (const id of (await batches.ids()).filter((one) => !this.past.has(one)).sort()) {
      const stored = await batches.read(id)
      if (stored && !isEnded(stored.batch)) return stored
      this.past.add(id)
    }
    return null
  }

  private async runOne(stored: StoredBatch, lease: Lease): Promise<void> {
    const stop = new AbortController()
    const { id, status, expires_at: expiresAt } = stored.batch
    if (status === 'cancelling') stop.abort('cancelled' satisfies Stop)
    const leftMs = expiresAt * 1000 - this.options.batches.now()
    const expiry = setTimeout(() => stop.abort('expired' satisfies Stop), Math.max(0, leftMs))
    this.current = { stored, stop }
    try {
      await runBatch(this.options, stored, stop.signal, () => lease.isHeld())
    } catch (error) {
      this.past.add(id)
      throw error
    } finally {
      clearTimeout(expiry)
      this.current = null
    }
  }

  /** What others asked for: that the batch which runs is cancelled, or another that waits is run. */
  private async look(): Promise<void> {
    if (this.current === null) return this.news()
    const { stored, stop } = this.current
    if (!this.lease?.isHeld()) return stop.abort('lost' satisfies Stop)
    const cancelling = await this.options.batches.cancelling(stored)
    if (cancelling === null || isEnded(stored.batch) || stop.signal.aborted) return
    Object.assign(stored.batch, cancelling)
    stop.abort('cancelled' satisfies Stop)
  }
}
