/**
 * Connections to the store, which may go away and come back: told once each time, and for how long it may be away.
 * Where a network is cut nobody closes a connection: one that is silent for too long is given up.
 */
import { setMaxListeners } from 'node:events'
import { Redis, type RedisOptions } from 'ioredis'
import { SequoiaError } from '../../spec/errors.js'

/** A store that is out of reach for so long has failed: what waits for it then ends. A restart takes less. */
const AWAY_MS = 10_000
/** A connection that owes an answer and says nothing for so long is cut. Longer than any command of ours may block. */
const SILENT_MS = 5_000
/** Longest pause between two attempts at a new connection, and longest attempt. */
const RETRY_MS = 1_000
const CONNECT_MS = 2_000

const CONNECTION_CODES = /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/
const CONNECTION_MESSAGES =
  /^(Connection is closed|Socket closed|Socket timeout|Command aborted due to connection close)/

/** What all connections have: a command waits until the store answers it, over as many connections as that takes. */
const OPTIONS: RedisOptions = {
  maxRetriesPerRequest: null,
  socketTimeout: SILENT_MS,
  // For connections that only listen: asked after so long, then every second, and given up after ten questions.
  keepAlive: SILENT_MS,
  connectTimeout: CONNECT_MS,
  retryStrategy: (attempt) => Math.min(50 * 2 ** (attempt - 1), RETRY_MS),
}

/** A connection whose failures nobody is told of: who uses it bounds its waiting. */
export function quietConnection(url: string): Redis {
  const redis = new Redis(url, OPTIONS)
  redis.on('error', () => undefined)
  return redis
}

export interface StoreWatch {
  /** Told of the first failure of each time that it is out of reach. */
  onError(error: unknown): void
  /** It has been out of reach for too long. */
  onAway?(): void
  /** It is back; whatever lay in it may be gone. */
  onBack?(): void
}

export class Store {
  readonly redis: Redis
  private readonly awayMs: number
  private late: NodeJS.Timeout | undefined
  private cut = waitedFor()
  private goneForLong = waitedFor()

  constructor(
    url: string,
    private readonly watch: StoreWatch,
    { awayMs = AWAY_MS, silentMs = SILENT_MS }: { awayMs?: number; silentMs?: number } = {},
  ) {
    this.awayMs = awayMs
    this.redis = new Redis(url, { ...OPTIONS, socketTimeout: silentMs })
    let isTold = false
    let wasThere = false
    this.redis.on('error', (error) => {
      if (!isTold) watch.onError(error)
      isTold = true
    })
    this.redis.on('close', () => {
      this.cut.abort()
      this.startClock()
    })
    this.redis.on('ready', () => {
      clearTimeout(this.late)
      this.late = undefined
      isTold = false
      this.cut = waitedFor()
      if (this.isAway) this.goneForLong = waitedFor()
      if (wasThere) watch.onBack?.()
      wasThere = true
    })
    this.cut.abort()
    this.startClock()
  }

  /** Whether it has been out of reach for too long to wait for it. */
  get isAway(): boolean {
    return this.away.aborted
  }

  /** Aborted while it does not answer. */
  get lost(): AbortSignal {
    return this.cut.signal
  }

  /** Aborted while it has been out of reach for too long. */
  get away(): AbortSignal {
    return this.goneForLong.signal
  }

  /** Whether it answers now. */
  get isThere(): boolean {
    return this.redis.status === 'ready'
  }

  /** Throws `SequoiaError` ('unavailable') where it is away. */
  assertThere(): void {
    if (this.isAway) throw storeAway()
  }

  /** Another connection, which waits in its commands; its failures are those of this one. */
  blocking(): Redis {
    const connection = this.redis.duplicate()
    connection.on('error', () => undefined)
    return connection
  }

  close(): void {
    clearTimeout(this.late)
    this.redis.removeAllListeners('close')
    this.redis.disconnect()
  }

  private startClock(): void {
    this.late ??= setTimeout(() => {
      this.goneForLong.abort()
      this.watch.onAway?.()
    }, this.awayMs).unref()
  }
}

export const storeAway = (): SequoiaError =>
  new SequoiaError('unavailable', 'the store that the queue is in cannot be reached; try again later')

/** Whether an error is that of a connection; the store tells of those itself. */
export function isOfConnection(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return CONNECTION_CODES.test(String(code)) || CONNECTION_MESSAGES.test(String(message))
}

/** One whose signal every open request may listen to. */
function waitedFor(): AbortController {
  const control = new AbortController()
  setMaxListeners(0, control.signal)
  return control
}
