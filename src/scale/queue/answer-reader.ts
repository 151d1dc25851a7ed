/** Reads the streams of all answers that a gateway waits for, over one connection. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { answerKeys, gatewayKey, wakeKey } from './keys.js'
import type { AnswerEntry } from './wire.js'

/** A gateway says that it lives `every` so many milliseconds; its last word `lasts`, then workers take it for dead. */
const ALIVE_MS = { lasts: 10_000, every: 3_000 }
/** Longest wait for one reply. */
const BLOCK_MS = 2_000
const ENTRIES_AT_ONCE = 256
/** A worker is told of so many parts at once that were read: few beside those by which a reader may be behind. */
const TELL_EVERY = 64

/** One command, so that it is before the job in the order of the connection. */
const WANT = `
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('XADD', KEYS[2], 'MAXLEN', '1', '*', 'wake', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])`

/** One answer that is being read. */
interface Reading {
  id: string
  /** Number of its last entry that came. */
  last: number
  entries: AnswerEntry[]
  /** Parts that came, and of how many its worker was told. */
  read: number
  taken: number
  hasEnded: boolean
  isLost: boolean
  wake: (() => void) | null
}

export class AnswerReader {
  /** By the keys of their streams. */
  private readonly readings = new Map<string, Reading>()
  private wakeId = '0'
  private readonly beat: NodeJS.Timeout
  private closed = false
  private readonly loop: Promise<void>

  /** `blocking`: a connection of its own, which waits in `XREAD`. */
  constructor(
    private readonly redis: Redis,
    private readonly blocking: Redis,
    readonly gateway: string,
    private readonly onError: (error: unknown) => void,
  ) {
    this.beat = setInterval(() => void this.sayAlive().catch(onError), ALIVE_MS.every)
    this.loop = this.run()
  }

  /** Says that an answer is waited for: its worker may write when this has resolved. */
  async want(id: string): Promise<void> {
    this.readings.set(answerKeys(id).stream, {
      id,
      last: 0,
      entries: [],
      read: 0,
      taken: 0,
      hasEnded: false,
      isLost: false,
      wake: null,
    })
    await this.redis.eval(WANT, 2, gatewayKey(this.gateway), wakeKey(this.gateway), id, ALIVE_MS.lasts)
  }

  /**
   * The entries of a wanted answer from its first on, as they come; ends behind the one that says how it ended, when
   * `over` is aborted, and where the answer was lost.
   */
  async *read(id: string, over: AbortSignal): AsyncGenerator<AnswerEntry, void, undefined> {
    const reading = this.readings.get(answerKeys(id).stream)!
    over.addEventListener('abort', () => reading.wake?.(), { once: true })
    while (!over.aborted) {
      const entry = reading.entries.shift()
      if (entry === undefined) {
        if (reading.isLost) return
        this.take(reading)
        await new Promise<void>((resolve) => (reading.wake = resolve))
        continue
      }
      yield entry
      if (entry.end) return
    }
  }

  /** Answers that are waited for and have not ended, each with the number of its last entry. */
  underWay(): { id: string; last: number }[] {
    return [...this.readings.values()].filter(({ hasEnded, isLost }) => !hasEnded && !isLost)
  }

  /** Nothing more will come of this answer. */
  lose(id: string): void {
    const reading = this.readings.get(answerKeys(id).stream)
    if (!reading) return
    reading.isLost = true
    reading.wake?.()
  }

  /** Forgets an answer, read or not: what its worker says from now on is not taken. */
  async leave(id: string): Promise<void> {
    const { stream, state } = answerKeys(id)
    this.readings.delete(stream)
    await Promise.all([this.redis.srem(gatewayKey(this.gateway), id), this.redis.del(stream, state)])
  }

  /** Says anew which answers are waited for: the store may have lost it. */
  async sayAlive(): Promise<void> {
    if (this.readings.size === 0) return
    const keys = [gatewayKey(this.gateway), wakeKey(this.gateway)]
    const ids = [...this.readings.values()].map(({ id }) => id)
    const lasting = keys.map((key) => this.redis.pexpire(key, ALIVE_MS.lasts))
    await Promise.all([this.redis.sadd(keys[0], ...ids), ...lasting])
  }

  async close(): Promise<void> {
    this.closed = true
    clearInterval(this.beat)
    this.blocking.disconnect()
    await this.loop
    if (this.redis.status === 'ready') await this.redis.del(gatewayKey(this.gateway), wakeKey(this.gateway))
  }

  /** Tells the worker how far its reader is. */
  private take(reading: Reading): void {
    if (reading.read - reading.taken < TELL_EVERY) return
    reading.taken = reading.read
    this.redis.hset(answerKeys(reading.id).state, 'taken', reading.read).catch(this.onError)
  }

  private async run(): Promise<void> {
    while (!this.closed) {
      const all = [...this.readings]
      const keys = [wakeKey(this.gateway), ...all.map(([key]) => key)]
      const ids = [this.wakeId, ...all.map(([, { last }]) => `${last}-1`)]
      try {
        const found = await this.blocking.xread('COUNT', ENTRIES_AT_ONCE, 'BLOCK', BLOCK_MS, 'STREAMS', ...keys, ...ids)
        for (const [key, entries] of found ?? []) this.arrived(key, entries)
      } catch (error) {
        if (this.closed) return
        this.onError(error)
        await delay(100)
      }
    }
  }

  private arrived(key: string, entries: [id: string, fields: string[]][]): void {
    const reading = this.readings.get(key)
    if (key === wakeKey(this.gateway)) this.wakeId = entries[entries.length - 1][0]
    if (!reading || reading.isLost) return
    for (const [id, [, text]] of entries) {
      const number = Number(id.split('-')[0])
      // The store lost what was between: a worker goes on that does not know it.
      if (number !== reading.last + 1) return this.lose(reading.id)
      reading.last = number
      const entry = JSON.parse(text) as AnswerEntry
      reading.read += entry.parts.length
      reading.hasEnded ||= entry.end !== undefined
      reading.entries.push(entry)
    }
    reading.wake?.()
    reading.wake = null
  }
}
