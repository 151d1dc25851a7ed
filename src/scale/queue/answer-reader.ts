/** Reads the streams of all answers that a gateway waits for, over one connection. */
import type { Redis } from 'ioredis'
import { answerKeys, gatewayKey, PREFIX } from './keys.js'
import type { AnswerEntry } from './wire.js'

/** A gateway says that it lives `every` so many milliseconds; its last word `lasts`, then workers take it for dead. */
const ALIVE_MS = { lasts: 10_000, every: 3_000 }
/** Longest wait for one reply: connections that are cut are noticed after it. */
const BLOCK_MS = 2_000
const ENTRIES_AT_ONCE = 256

/** One answer that is being read. */
interface Reading {
  id: string
  lastId: string
  entries: AnswerEntry[]
  /** Parts that came, and of how many its worker was told. */
  read: number
  taken: number
  wake: (() => void) | null
}

export class AnswerReader {
  private readonly readings = new Map<string, Reading>()
  private readonly wakeKey: string
  private wakeId = '0'
  private readonly beat: NodeJS.Timeout
  private closed = false
  private readonly loop: Promise<void>

  private constructor(
    private readonly redis: Redis,
    /** A connection of its own: it waits in `XREAD`. */
    private readonly blocking: Redis,
    readonly gateway: string,
    private readonly onError: (error: unknown) => void,
  ) {
    this.wakeKey = `${PREFIX}:wake:${gateway}`
    this.beat = setInterval(() => void this.sayAlive().catch(onError), ALIVE_MS.every)
    this.loop = this.run()
  }

  static async open(redis: Redis, gateway: string, onError: (error: unknown) => void): Promise<AnswerReader> {
    const reader = new AnswerReader(redis, redis.duplicate(), gateway, onError)
    await reader.sayAlive()
    return reader
  }

  /**
   * The entries of an answer from its first on, as they come; ends behind the one that says how it ended, or when
   * `over` is aborted. Reading begins with the call, not with the first `next()`.
   */
  read(id: string, over: AbortSignal): AsyncGenerator<AnswerEntry, void, undefined> {
    const reading: Reading = { id, lastId: '0', entries: [], read: 0, taken: 0, wake: null }
    this.readings.set(answerKeys(id).stream, reading)
    over.addEventListener('abort', () => reading.wake?.(), { once: true })
    return this.entriesOf(reading, over, this.wakeUp())
  }

  private async *entriesOf(
    reading: Reading,
    over: AbortSignal,
    woken: Promise<void>,
  ): AsyncGenerator<AnswerEntry, void, undefined> {
    try {
      await woken
      while (!over.aborted) {
        const entry = reading.entries.shift()
        if (entry === undefined) {
          if (reading.taken < reading.read) await this.take(reading)
          if (reading.entries.length > 0 || over.aborted) continue
          await new Promise<void>((resolve) => (reading.wake = resolve))
          continue
        }
        yield entry
        if (entry.end) return
      }
    } finally {
      this.readings.delete(answerKeys(reading.id).stream)
    }
  }

  async close(): Promise<void> {
    this.closed = true
    clearInterval(this.beat)
    this.blocking.disconnect()
    await this.loop
    await this.redis.del(gatewayKey(this.gateway), this.wakeKey)
  }

  private async sayAlive(): Promise<void> {
    await this.redis.set(gatewayKey(this.gateway), '1', 'PX', ALIVE_MS.lasts)
  }

  /** Makes the loop look at the answers that are read now. */
  private async wakeUp(): Promise<void> {
    await this.redis.xadd(this.wakeKey, 'MAXLEN', '1', '*', 'wake', '1')
  }

  /** Tells the worker how far its reader is. */
  private async take(reading: Reading): Promise<void> {
    reading.taken = reading.read
    await this.redis.hset(answerKeys(reading.id).state, 'taken', reading.read)
  }

  private async run(): Promise<void> {
    while (!this.closed) {
      const all = [...this.readings]
      const keys = [this.wakeKey, ...all.map(([key]) => key)]
      const ids = [this.wakeId, ...all.map(([, { lastId }]) => lastId)]
      try {
        const found = await this.blocking.xread('COUNT', ENTRIES_AT_ONCE, 'BLOCK', BLOCK_MS, 'STREAMS', ...keys, ...ids)
        for (const [key, entries] of found ?? []) this.arrived(key, entries)
      } catch (error) {
        if (this.closed) return
        this.onError(error)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }

  private arrived(key: string, entries: [id: string, fields: string[]][]): void {
    const lastId = entries[entries.length - 1][0]
    if (key === this.wakeKey) {
      this.wakeId = lastId
      return
    }
    const reading = this.readings.get(key)
    if (!reading) return
    reading.lastId = lastId
    for (const [, [, text]] of entries) {
      const entry = JSON.parse(text) as AnswerEntry
      reading.read += entry.parts.length
      reading.entries.push(entry)
    }
    reading.wake?.()
    reading.wake = null
  }
}
