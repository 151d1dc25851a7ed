/**
 * What a worker says of one answer, in a Redis stream. Each attempt at a request takes a number, and only the last one
 * may write: a worker that was given up for dead and comes back cannot say a token twice.
 */
import type { Redis } from 'ioredis'
import type { GeneratePart } from '../../api/answer.js'
import { answerKeys, gatewayKey } from './keys.js'
import type { AnswerEntry, WireError } from './wire.js'

/** Answers, ended or not, are kept for so long after their last word. */
const KEEP_MS = 10 * 60_000
/** Parts that a reader may be behind; then its worker waits until half of them are read, and looks this often. */
const MOST_UNREAD = 512
const WAIT_MS = 50

/** Why a worker may not go on. */
export class AnswerLost extends Error {
  constructor(readonly why: 'taken over' | 'given up') {
    super(`this answer was ${why}`)
    this.name = 'AnswerLost'
  }
}

/** Returns what the reader has taken, or -1: another attempt writes, -2: nobody reads any more. */
const APPEND = `
if redis.call('HGET', KEYS[2], 'attempt') ~= ARGV[1] then return -1 end
if redis.call('HEXISTS', KEYS[2], 'aborted') == 1 or redis.call('EXISTS', KEYS[3]) == 0 then return -2 end
redis.call('XADD', KEYS[1], '*', 'entry', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return tonumber(redis.call('HGET', KEYS[2], 'taken') or '0')`

export class AnswerWriter {
  private queued: GeneratePart[] = []
  private writing: Promise<void> = Promise.resolve()
  private failure: unknown = null
  private isBusy = false

  private constructor(
    private readonly redis: Redis,
    private readonly keys: readonly [stream: string, state: string, gateway: string],
    private readonly attempt: string,
    /** Parts said, by all attempts. */
    private parts: number,
    /** What earlier attempts have said. */
    readonly said: readonly AnswerEntry[],
  ) {}

  /** Takes an answer over from whoever wrote it. */
  static async begin(redis: Redis, id: string, gateway: string): Promise<AnswerWriter> {
    const { stream, state } = answerKeys(id)
    const attempt = await redis.hincrby(state, 'attempt', 1)
    await redis.pexpire(state, KEEP_MS)
    // From here on nobody else adds to it.
    const entries = (await redis.xrange(stream, '-', '+')).map(([, [, text]]) => JSON.parse(text) as AnswerEntry)
    const parts = entries.reduce((sum, entry) => sum + entry.parts.length, 0)
    return new AnswerWriter(redis, [stream, state, gatewayKey(gateway)], String(attempt), parts, entries)
  }

  /** Whether an earlier attempt has said it all. */
  get hasEnded(): boolean {
    return this.said.some(({ end }) => end !== undefined)
  }

  /** Whether all its parts were said, though not yet that it ended. */
  get isWhole(): boolean {
    return this.said.some(({ parts }) => parts.some(({ finishReason }) => finishReason !== undefined))
  }

  /**
   * Adds a part. What comes while another is being written goes together. Waits for a reader that is far behind. Throws
   * `AnswerLost`.
   */
  async add(part: GeneratePart): Promise<void> {
    this.throwFailure()
    this.queued.push(part)
    if (!this.isBusy) this.writing = this.flush()
    if (this.queued.length > MOST_UNREAD) await this.writing
  }

  /** Says how it ended, after all that was added. Throws `AnswerLost`. */
  async end(error: WireError | null): Promise<void> {
    await this.writing
    this.throwFailure()
    await this.write({ parts: this.queued.splice(0), end: { error } })
    this.throwFailure()
  }

  private throwFailure(): void {
    if (this.failure !== null) throw this.failure
  }

  private async flush(): Promise<void> {
    this.isBusy = true
    try {
      while (this.queued.length > 0) {
        const taken = await this.write({ parts: this.queued.splice(0) })
        if (this.parts - taken > MOST_UNREAD) await this.untilTaken()
      }
    } catch (error) {
      this.failure = error
    } finally {
      this.isBusy = false
    }
  }

  private async write(entry: AnswerEntry): Promise<number> {
    const text = JSON.stringify(entry)
    const taken = Number(await this.redis.eval(APPEND, 3, ...this.keys, this.attempt, text, KEEP_MS))
    if (taken === -1) throw new AnswerLost('taken over')
    if (taken === -2) throw new AnswerLost('given up')
    this.parts += entry.parts.length
    return taken
  }

  private async untilTaken(): Promise<void> {
    const [, state, gateway] = this.keys
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
      const [attempt, taken] = await this.redis.hmget(state, 'attempt', 'taken')
      if (attempt !== this.attempt) throw new AnswerLost('taken over')
      if ((await this.redis.exists(gateway)) === 0) throw new AnswerLost('given up')
      if (this.parts - Number(taken ?? 0) <= MOST_UNREAD / 2) return
    }
  }
}
