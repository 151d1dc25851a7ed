/** Requests, parts of answers and errors as they travel through Redis: JSON. */
import { randomBytes } from 'node:crypto'
import type { GeneratePart } from '../../api/answer.js'
import type { GenerateRequest } from '../../api/request.js'
import { parseJson, writeJson } from '../../common/json/index.js'
import { errorData, errorOfData, type ErrorData } from '../../spec/error-data.js'
import { SequoiaError } from '../../spec/errors.js'

/** What a worker gets of a request. */
export interface QueuedRequest {
  /** The request without what follows, as JSON that keeps the digits and the order of schemas. */
  request: string
  /** Decimal digits. Always there: with it any worker writes the same text. */
  seed: string
  /** Milliseconds since 1970 at which it is to fail with `timeout`; null: never. */
  deadlineMs: number | null
  /** The gateway that reads the answer. */
  gateway: string
  /** Fingerprint of the only engines that may go on with it once it has begun; null: any. */
  fingerprint: string | null
}

export type WireError = Omit<ErrorData, 'forOwner'>

/** One entry of an answer's stream: parts in order, and at its end how it ended. */
export interface AnswerEntry {
  parts: GeneratePart[]
  end?: { error: WireError | null }
}

export function toWire(
  { seed, timeoutMs, signal: _signal, onAccepted: _onAccepted, ...request }: GenerateRequest,
  gateway: string,
  nowMs: number,
): QueuedRequest {
  return {
    request: writeJson(request),
    seed: String(seed ?? randomBytes(8).readBigUInt64LE()),
    deadlineMs: timeoutMs === undefined ? null : nowMs + timeoutMs,
    gateway,
    fingerprint: null,
  }
}

/** The request for an engine. Throws `SequoiaError('timeout')` where its deadline is over. */
export function fromWire({ request, seed, deadlineMs }: QueuedRequest, nowMs: number): GenerateRequest {
  const leftMs = deadlineMs === null ? undefined : deadlineMs - nowMs
  if (leftMs !== undefined && leftMs < 1)
    throw new SequoiaError('timeout', 'the answer was not complete in time; allow more time (timeoutMs)')
  const fields = parseJson(request) as GenerateRequest
  return { ...fields, seed: BigInt(seed), ...(leftMs === undefined ? {} : { timeoutMs: Math.ceil(leftMs) }) }
}

/** Whoever asked cannot change how the worker's engine is opened. */
export function errorToWire(error: unknown): WireError {
  const { forOwner: _forOwner, ...wire } = errorData(error)
  return wire
}

export const errorFromWire = (error: WireError): SequoiaError => errorOfData(error)
