/**
 * What goes wrong, as an OpenAI client sees it: an HTTP status and the body `{ error: { message, type, param, code }
 * }`.
 */
import { InvalidArgumentError, SequoiaError, type SequoiaErrorCode } from '../spec/errors.js'
import type { Call } from './call.js'

/**
 * OpenAI's name for the kind of an error: 4xx, 429 and 5xx.
 */
export type ApiErrorType = 'invalid_request_error' | 'rate_limit_error' | 'server_error'

/**
 * The reply to a request that failed.
 */
export interface ErrorBody {
  error: { message: string; type: ApiErrorType; param: string | null; code: string | null }
}

/** Seconds after which a client that was turned away may come again. */
const RETRY_AFTER_SECONDS = 1

/**
 * An error as a client of the HTTP protocol sees it: `status` and `headers` of the reply, and `body`, OpenAI's error object.
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
    super(message)
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
    `model ${JSON.stringify(model)} is not served here; served: ${served.join(', ')}`,
    'model',
  )
}

/** Names a request's field has on the wire, where the engine's name differs. */
const WIRE_NAMES: Readonly<Record<string, string>> = {
  maxTokens: 'max_tokens',
  topK: 'top_k',
  topP: 'top_p',
  minP: 'min_p',
  timeoutMs: 'timeout_ms',
  promptTokens: 'prompt',
  repetitionPenalty: 'repetition_penalty',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  logitBias: 'logit_bias',
  bannedTokens: 'banned_token_ids',
  allowedTokens: 'allowed_token_ids',
  minTokens: 'min_tokens',
  ignoreEos: 'ignore_eos',
  stopTokenIds: 'stop_token_ids',
  responseFormat: 'response_format',
  toolChoice: 'tool_choice',
  parallelToolCalls: 'parallel_tool_calls',
  draft: 'speculation.draft',
  maxNodes: 'speculation.maxNodes',
  tree: 'speculation.tree',
  verifier: 'speculation.verifier',
}

const STATUS_OF: Partial<Record<SequoiaErrorCode, { status: number; code: string }>> = {
  invalid_argument: { status: 400, code: 'invalid_value' },
  unsupported: { status: 400, code: 'unsupported_value' },
  context_overflow: { status: 400, code: 'context_length_exceeded' },
  overloaded: { status: 429, code: 'overloaded' },
  closed: { status: 503, code: 'closing' },
  timeout: { status: 504, code: 'timeout' },
}

/** Fields that an endpoint calls by a name of its own. */
const OWN_NAMES: Readonly<Record<Call['endpoint'], Readonly<Record<string, string>>>> = {
  chat: {},
  completions: { messages: 'prompt' },
  responses: {
    messages: 'input',
    promptTokens: 'input',
    maxTokens: 'max_output_tokens',
    responseFormat: 'text.format',
  },
}

/** Turns anything thrown into what the client may see; what is not the client's to know becomes a plain 500. */
export function toApiError(error: unknown, endpoint: Call['endpoint'] = 'chat'): ApiError {
  if (error instanceof ApiError) return error
  const known = error instanceof SequoiaError ? STATUS_OF[error.code] : undefined
  if (!known) return new ApiError(500, 'internal_error', 'the model failed to answer; the server has the details')
  return new ApiError(
    known.status,
    known.code,
    (error as SequoiaError).message,
    paramOf(error as SequoiaError, endpoint),
  )
}

function paramOf(error: SequoiaError, endpoint: Call['endpoint']): string | null {
  const param =
    error.code === 'context_overflow' ? 'messages' : error instanceof InvalidArgumentError ? error.param : null
  return param === null ? null : (OWN_NAMES[endpoint][param] ?? WIRE_NAMES[param] ?? placeOf(param, endpoint))
}

/** Places inside tools and calls, as chat nests them. */
function placeOf(param: string, endpoint: Call['endpoint']): string {
  if (endpoint !== 'chat') return param
  return param
    .replace(/^(tools\[\d+\])\./, '$1.function.')
    .replace(/\.toolCalls\[(\d+)\]\./, '.tool_calls[$1].function.')
    .replace(/\.toolCalls$/, '.tool_calls')
}
