/**
 * What goes wrong, as an OpenAI client sees it: an HTTP status and the body `{ error: { message, type, param, code }
 * }`.
 */
import { InvalidArgumentError, SequoiaError, type SequoiaErrorCode } from '../spec/errors.js'
import { show, showNames } from '../spec/show.js'
import type { WireWords } from './wire-names.js'

/** OpenAI's name for the kind of an error: 4xx, 429 and 5xx. */
export type ApiErrorType = 'invalid_request_error' | 'rate_limit_error' | 'server_error'

/** The reply to a request that failed. */
export interface ErrorBody {
  error: { message: string; type: ApiErrorType; param: string | null; code: string | null }
}

/** Longest message: values are cut where they are quoted, and this holds whoever wrote it. */
const MOST_MESSAGE = 1000

/** Seconds after which a client that was turned away may come again. */
const RETRY_AFTER_SECONDS = 1

/**
 * An error as a client of the HTTP protocol sees it: `status` and `headers` of the reply, and `body`, OpenAI's error
 * object.
 */
export class ApiError extends Error {
  readonly status: number
  readonly type: ApiErrorType
  readonly param: string | null
  readonly code: string | null

  constructor(
    status: number,
    code: string | null,
    message: string,
    param: string | null = null,
    private readonly retryAfterSeconds = RETRY_AFTER_SECONDS,
  ) {
    super(message.length > MOST_MESSAGE ? `${message.slice(0, MOST_MESSAGE)}...` : message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.param = param
    this.type = status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error'
  }

  get body(): ErrorBody {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.code } }
  }

  get headers(): Record<string, string> {
    if (this.status === 429 || this.status === 503) return { 'retry-after': String(this.retryAfterSeconds) }
    // The official clients would send the same request again, to the same end.
    return this.status === 504 ? { 'x-should-retry': 'false' } : {}
  }
}

export function modelNotFound(model: string, served: readonly string[]): ApiError {
  return new ApiError(
    404,
    'model_not_found',
    `model ${show(model)} is not served here; served: ${showNames(served)}`,
    'model',
  )
}

const STATUS_OF: Partial<Record<SequoiaErrorCode, { status: number; code: string }>> = {
  invalid_argument: { status: 400, code: 'invalid_value' },
  unsupported: { status: 400, code: 'unsupported_value' },
  context_overflow: { status: 400, code: 'context_length_exceeded' },
  overloaded: { status: 429, code: 'overloaded' },
  unavailable: { status: 503, code: 'unavailable' },
  closed: { status: 503, code: 'closing' },
  timeout: { status: 504, code: 'timeout' },
}

/**
 * Turns anything thrown into what the client may see; what is not the client's to know becomes a plain 500. `words`:
 * those of the request that failed.
 */
export function toApiError(error: unknown, words?: WireWords): ApiError {
  if (error instanceof ApiError) return error
  const known = error instanceof SequoiaError ? STATUS_OF[error.code] : undefined
  if (!known) return new ApiError(500, 'internal_error', 'the model failed to answer; the server has the details')
  const { forClient, retryAfterSeconds } = error as SequoiaError
  const about = error instanceof InvalidArgumentError ? error.param : null
  const param = known.code === 'context_length_exceeded' ? 'messages' : about
  const message = words ? words.message(forClient.slice(0, MOST_MESSAGE), about) : forClient
  const shown = param === null ? null : (words?.param(param) ?? param)
  return new ApiError(known.status, known.code, message, shown, retryAfterSeconds)
}
