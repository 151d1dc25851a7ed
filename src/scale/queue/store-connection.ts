/** A connection to the store, which may go away and come back: told once each time, and for how long it may be away. */
import { Redis } from 'ioredis'
import { SequoiaError } from '../../spec/errors.js'

/** A store that is out of reach for so long has failed: what waits for it then ends. A restart takes less. */
const AWAY_MS = 10_000

const CONNECTION_CODES = /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/

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
  private away = false
  private late: NodeJS.Timeout | undefined

  constructor(
    url: string,
    private readonly watch: StoreWatch,
    private readonly awayMs = AWAY_MS,
  ) {
    this.redis = new Redis(url, { maxRetriesPerRequest: null, enableAutoPipelining: true })
    let isTold = false
    let wasThere = false
    this.redis.on('error', (error) => {
      if (!isTold) watch.onError(error)
      isTold = true
    })
    this.redis.on('close', () => this.startClock())
    this.redis.on('ready', () => {
      clearTimeout(this.late)
      this.late = undefined
      isTold = this.away = false
      if (wasThere) watch.onBack?.()
      wasThere = true
    })
    this.startClock()
  }

  /** Whether it has been out of reach for too long to wait for it. */
  get isAway(): boolean {
    return this.away
  }

  /** Whether it answers now. */
  get isThere(): boolean {
    return this.redis.status === 'ready'
  }

  /** Throws `SequoiaError` ('unavailable') where it is away. */
  assertThere(): void {
    if (this.away) throw storeAway()
  }

  /** Another connection, which waits in its commands; its failures are those of this one. */
  blocking(): Redis {
    const connection = this.redis.duplicate({ enableAutoPipelining: false })
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
      this.away = true
      this.watch.onAway?.()
    }, this.awayMs).unref()
  }
}

export const storeAway = (): SequoiaError =>
  new SequoiaError('unavailable', 'the store that the queue is in cannot be reached; try again later')

/** Whether an error is that of a connection; the store tells of those itself. */
export function isOfConnection(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return CONNECTION_CODES.test(String(code)) || /^Connection is closed|^Socket closed/.test(String(message))
}
