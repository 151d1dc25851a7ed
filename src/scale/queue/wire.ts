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
  /** Tokens that its reader has already, from an answer that the store or its worker lost. */
  said: number[]
  /** Fingerprint of whoever said them: only its like may go on. Null: nobody has begun. */
  fingerprint: string | null
  /** Hashes of what its prompt begins with, longest first. */
  prefixes: string[]
}

export type WireError = Omit<ErrorData, 'forOwner'>

/** One entry of an answer's stream: parts in order, and at its end how it ended. */
export interface AnswerEntry {
  parts: GeneratePart[]
  /** In the first entry of each worker: its fingerprint. */
  by?: string
  end?: { error: WireError | null }
}

/** What is for the queue itself, or cannot travel, stays here. */
export function toWire(
  {
    seed,
    timeoutMs,
    signal: _signal,
    onAccepted: _onAccepted,
    caller: _caller,
    urgency: _urgency,
    session: _session,
    resume = [],
    ...request
  }: GenerateRequest,
  gateway: string,
  nowMs: number,
): QueuedRequest {
  return {
    request: writeJson(request),
    seed: String(seed ?? randomBytes(8).readBigUInt64LE()),
    deadlineMs: timeoutMs === undefined ? null : nowMs + timeoutMs,
    gateway,
    said: [...resume],
    fingerprint: null,
    prefixes: [],
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
