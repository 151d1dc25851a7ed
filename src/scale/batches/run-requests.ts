/** Runs the requests of an input file, some at a time, and hands over the line that each one's answer makes. */
import { setTimeout } from 'node:timers/promises'
import { newId } from '../ids.js'
import { BATCH_ENDPOINTS } from './batch-object.js'
import { readRequest, type InputFile, type Place } from './input.js'
import type { RequestLine } from './request-line.js'

/** What an endpoint says to one request. */
export interface LineReply {
  status: number
  requestId: string
  body: object
}

export interface Answering {
  /** Answers one request of a caller's; throws for an abort alone. */
  answer(
    endpoint: 'chat' | 'completions' | 'responses',
    body: unknown,
    signal: AbortSignal,
    caller: string,
  ): Promise<LineReply>
  /** Requests that run at once, at most, as of now. */
  width(): number
}

/** A line of an output file or of an error file. */
export interface AnswerLine {
  id: string
  custom_id: string
  response: { status_code: number; request_id: string; body: object } | null
  error: { code: string; message: string } | null
}

/** Turned away for want of room: asked again after so many milliseconds, a little later each time. */
const RETRY_MS = { first: 100, most: 5_000 }
const TURNED_AWAY: ReadonlySet<number> = new Set([429, 503])

/** What is to be run, for whom, and where its lines go. */
export interface Requests {
  file: InputFile
  places: readonly Place[]
  caller: string
  write(line: AnswerLine): Promise<void>
}

/** Ends early where `stop` says so; requests that have no answer by then have no line. */
export async function runRequests(
  answering: Answering,
  { file, places, caller, write }: Requests,
  stop: AbortSignal,
): Promise<void> {
  const one = async (place: Place): Promise<void> => {
    const reply = await answered(answering, await readRequest(file, place), caller, stop)
    if (reply === null) return
    const { status, requestId, body } = reply
    const response = { status_code: status, request_id: requestId, body }
    await write({ id: newId('batch_req_'), custom_id: place.customId, response, error: null })
  }
  const running = new Set<Promise<void>>()
  try {
    for (const place of places) {
      while (running.size >= Math.max(1, answering.width())) await Promise.race(running)
      if (stop.aborted) break
      const run = one(place).finally(() => running.delete(run))
      running.add(run)
    }
    await Promise.all(running)
  } finally {
    await Promise.allSettled(running)
  }
}

/** Null where all is to end before the answer is whole. */
async function answered(
  { answer }: Answering,
  { endpoint, body }: RequestLine,
  caller: string,
  stop: AbortSignal,
): Promise<LineReply | null> {
  for (let waitMs = RETRY_MS.first; ; waitMs = Math.min(2 * waitMs, RETRY_MS.most)) {
    if (stop.aborted) return null
    const reply = await answer(BATCH_ENDPOINTS[endpoint], body, stop, caller).catch((error: unknown) => {
      if (stop.aborted) return null
      throw error
    })
    if (stop.aborted) return null
    if (reply === null || !TURNED_AWAY.has(reply.status)) return reply
    await setTimeout(waitMs, undefined, { signal: stop }).catch(() => undefined)
  }
}
