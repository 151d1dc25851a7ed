/**
 * What a worker says of one answer, in a Redis stream. Each attempt at a request has a name, and only the last one
 * may write: a worker that was given up for dead and comes back cannot say a token twice. Entries are numbered, so that
 * one which is sent again after a cut connection is there once.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { GeneratePart } from '../../api/answer.js'
import { answerKeys, gatewayKey } from './keys.js'
import { runScript, script } from './script.js'
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

/**
 * Returns what was said and the fingerprint of whoever began it, if its gateway waits for it: then this attempt is the
 * one that may write. Where nobody has begun, this engine has.
 */
const BEGIN = script(`
if redis.call('SISMEMBER', KEYS[3], ARGV[2]) == 0 then return 0 end
redis.call('HSET', KEYS[2], 'attempt', ARGV[1])
local said = redis.call('XRANGE', KEYS[1], '-', '+')
local begun = ARGV[4]
if #said > 0 then begun = redis.call('HGET', KEYS[2], 'fingerprint') or '' end
if begun == '' or begun == ARGV[3] then
  begun = ARGV[3]
  redis.call('HSET', KEYS[2], 'fingerprint', begun)
end
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return {begun, said}`)

/** Returns what the reader has taken, or -1: another attempt writes, -2: nobody reads any more. */
const APPEND = script(`
if redis.call('SISMEMBER', KEYS[3], ARGV[5]) == 0 then return -2 end
if redis.call('HGET', KEYS[2], 'attempt') ~= ARGV[1] then return -1 end
local added = redis.pcall('XADD', KEYS[1], ARGV[3], 'entry', ARGV[2])
if type(added) == 'table' and added.err and not string.find(added.err, 'equal or smaller') then return added end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return tonumber(redis.call('HGET', KEYS[2], 'taken') or '0')`)

export class AnswerWriter {
  private readonly attempt = randomUUID()
  private queued: GeneratePart[] = []
  private writing: Promise<void> = Promise.resolve()
  private failure: unknown = null
  private isBusy = false
  /** What earlier attempts have said. */
  said: readonly AnswerEntry[] = []
  /** Fingerprint of the engine that began the answer. */
  begunBy = ''
  /** Parts said, by all attempts, and entries. */
  private parts = 0
  private entries = 0

  private constructor(
    private readonly redis: Redis,
    private readonly id: string,
    private readonly gateway: string,
    private by: string | undefined,
  ) {}

  /**
   * Takes an answer over from whoever wrote it, for an engine of this fingerprint. `begun`: that of the engine which
   * began it, where that is known though its words are not. Throws `AnswerLost` where its gateway no longer waits.
   */
  static async begin(
    redis: Redis,
    id: string,
    gateway: string,
    fingerprint: string,
    begun = '',
  ): Promise<AnswerWriter> {
    const { stream, state } = answerKeys(id)
    const writer = new AnswerWriter(redis, id, gatewayKey(gateway), fingerprint)
    const keys = [stream, state, writer.gateway]
    const taken = await runScript(redis, BEGIN, keys, [writer.attempt, id, fingerprint, begun, KEEP_MS])
    if (taken === 0) throw new AnswerLost('given up')
    // From here on nobody else adds to it.
    const [begunBy, said] = taken as [string, [number: string, fields: string[]][]]
    writer.begunBy = begunBy
    writer.said = said.map(([, [, text]]) => JSON.parse(text) as AnswerEntry)
    writer.entries = writer.said.length
    writer.parts = writer.said.reduce((sum, entry) => sum + entry.parts.length, 0)
    return writer
  }

  /** Tokens that earlier attempts have said. */
  get tokens(): number[] {
    return this.said.flatMap(({ parts }) => parts.flatMap(({ tokens }) => tokens))
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
    const { stream, state } = answerKeys(this.id)
    const text = JSON.stringify(this.by === undefined ? entry : { ...entry, by: this.by })
    const number = `${++this.entries}-1`
    const keys = [stream, state, this.gateway]
    const args = [this.attempt, text, number, KEEP_MS, this.id]
    const taken = Number(await runScript(this.redis, APPEND, keys, args))
    if (taken === -1) throw new AnswerLost('taken over')
    if (taken === -2) throw new AnswerLost('given up')
    this.by = undefined
    this.parts += entry.parts.length
    return taken
  }

  private async untilTaken(): Promise<void> {
    const { state } = answerKeys(this.id)
    for (;;) {
      await delay(WAIT_MS)
      const [attempt, taken] = await this.redis.hmget(state, 'attempt', 'taken')
      if (attempt !== this.attempt) throw new AnswerLost('taken over')
      if ((await this.redis.sismember(this.gateway, this.id)) === 0) throw new AnswerLost('given up')
      if (this.parts - Number(taken ?? 0) <= MOST_UNREAD / 2) return
    }
  }
}
