/**
 * One batch from its input file to its output files. Each answer is a line of a journal as soon as it is there; a batch
 * that was interrupted goes on with the requests that have no line, so that every `custom_id` has exactly one.
 */
import { rm } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import type { FileStore } from '../files/file-object.js'
import { newId } from '../ids.js'
import { BATCH_ENDPOINTS, type Batch, noUsage } from './batch-object.js'
import type { FolderBatches, StoredBatch } from './folder-batches.js'
import { readInput, readRequest, type Input, type Place } from './input.js'
import { Journal } from './journal.js'

/** What an endpoint says to one request. */
export interface LineReply {
  status: number
  requestId: string
  body: object
}

export interface BatchContext {
  files: FileStore
  batches: FolderBatches
  /** Reads one JSON text. */
  parse(text: string): unknown
  /** Answers one request; never throws but for an abort. */
  answer(endpoint: 'chat' | 'completions' | 'responses', body: unknown, signal: AbortSignal): Promise<LineReply>
  /** Requests of batches that run at once, at most. */
  width: number
}

/** Why a batch is to end early. */
export type Stop = 'cancelled' | 'expired' | 'interrupted'

/** Turned away for want of room: asked again after so many milliseconds, a little later each time. */
const RETRY_MS = { first: 100, most: 5_000 }
const TURNED_AWAY: ReadonlySet<number> = new Set([429, 503])
/** Answers after which the counts are written down. */
const COUNTS_EVERY = 50

/** The journals in a batch's folder. */
const OUTPUT = 'output.jsonl'
const ERRORS = 'errors.jsonl'

/** A line of the output file or of the error file. */
interface AnswerLine {
  id: string
  custom_id: string
  response: { status_code: number; request_id: string; body: object } | null
  error: { code: string; message: string } | null
}

/** Runs a batch to its end, or until `stop` is aborted with the reason (a `Stop`); what has run stays. */
export async function runBatch(context: BatchContext, stored: StoredBatch, stop: AbortSignal): Promise<void> {
  if (stored.ending === null) await runRequests(context, stored, stop)
  if (stored.ending !== null) await finish(context, stored)
}

async function runRequests(context: BatchContext, stored: StoredBatch, stop: AbortSignal): Promise<void> {
  const { batches, files, parse } = context
  const { batch, owner } = stored
  const input = await readInput(files, owner, batch, parse).catch((error: unknown): Input => {
    const message = `the input file ${batch.input_file_id} cannot be read: ${String(error)}`
    return { places: [], model: null, faults: [{ code: 'invalid_file', message, line: null, param: null }] }
  })
  if (input.faults.length > 0) {
    const errors = { object: 'list' as const, data: input.faults }
    Object.assign(batch, { status: 'failed', failed_at: seconds(batches), errors })
    return batches.write(stored)
  }
  const done = new Set<string>()
  batch.request_counts = { total: input.places.length, completed: 0, failed: 0 }
  batch.usage = noUsage()
  const recount = (line: unknown): void => count(batch, done, line as AnswerLine)
  const output = await Journal.open(batches.pathOf(batch.id, OUTPUT), recount)
  const errors = await Journal.open(batches.pathOf(batch.id, ERRORS), recount)
  try {
    batch.model = input.model
    batch.in_progress_at ??= seconds(batches)
    if (batch.status === 'validating') batch.status = 'in_progress'
    await batches.write(stored)
    const left = input.places.filter(({ customId }) => !done.has(customId))
    await runPlaces(context, stored, left, stop, async (line) => {
      await (line.response?.status_code === 200 ? output : errors).append(line)
      count(batch, done, line)
      if (done.size % COUNTS_EVERY === 0) await batches.write(stored)
    })
    if (stop.aborted && stop.reason === 'interrupted') return await batches.write(stored)
    for (const { customId } of input.places) {
      if (!done.has(customId)) await errors.append(notRun(customId, stop.reason as Stop))
    }
  } finally {
    await output.close()
    await errors.close()
  }
  stored.ending = {
    status: stop.aborted ? (stop.reason as 'expired' | 'cancelled') : 'completed',
    outputId: output.lines > 0 ? newId('file-', batches.now()) : null,
    errorId: errors.lines > 0 ? newId('file-', batches.now()) : null,
  }
  batch.finalizing_at = seconds(batches)
  if (!stop.aborted) batch.status = 'finalizing'
  await batches.write(stored)
}

/** Makes files of the journals. */
async function finish({ files, batches }: BatchContext, stored: StoredBatch): Promise<void> {
  const { batch, owner, outputExpiresAfter: expiresAfter, ending } = stored
  const { status, outputId, errorId } = ending!
  const adopt = async (id: string | null, journal: string): Promise<void> => {
    const path = batches.pathOf(batch.id, journal)
    const filename = `${batch.id}_${journal}`
    if (id === null) await rm(path, { force: true })
    else await files.adopt(id, path, { owner, filename, purpose: 'batch_output', expiresAfter })
  }
  await adopt(outputId, OUTPUT)
  await adopt(errorId, ERRORS)
  Object.assign(batch, { status, output_file_id: outputId, error_file_id: errorId, [`${status}_at`]: seconds(batches) })
  await batches.write(stored)
}

const seconds = ({ now }: FolderBatches): number => Math.floor(now() / 1000)

/** Adds a line to what is known of a batch; a `custom_id` counts once. */
function count(batch: Batch, done: Set<string>, { custom_id: customId, response }: AnswerLine): void {
  if (done.has(customId)) return
  done.add(customId)
  if (response?.status_code !== 200) {
    batch.request_counts.failed++
    return
  }
  batch.request_counts.completed++
  const { usage } = response.body as { usage?: Record<string, number> }
  const [read, wrote] = [usage?.prompt_tokens ?? usage?.input_tokens, usage?.completion_tokens ?? usage?.output_tokens]
  batch.usage.input_tokens += read ?? 0
  batch.usage.output_tokens += wrote ?? 0
  batch.usage.total_tokens += (read ?? 0) + (wrote ?? 0)
}

/** Runs requests, `width` at a time, and hands each one's line over; ends early where `stop` says so. */
async function runPlaces(
  context: BatchContext,
  { owner, batch }: StoredBatch,
  places: readonly Place[],
  stop: AbortSignal,
  write: (line: AnswerLine) => Promise<void>,
): Promise<void> {
  const waiting = places.values()
  const lane = async (): Promise<void> => {
    for (const place of waiting) {
      if (stop.aborted) return
      const { body } = await readRequest(context.files, owner, batch, place, context.parse)
      const reply = await answered(context, batch, body, stop)
      if (reply === null) return
      const { status, requestId, body: said } = reply
      await write({
        id: newId('batch_req_'),
        custom_id: place.customId,
        response: { status_code: status, request_id: requestId, body: said },
        error: null,
      })
    }
  }
  await Promise.all(Array.from({ length: Math.min(context.width, places.length) }, lane))
}

/** Null where the batch ended before its answer was whole. */
async function answered(
  context: BatchContext,
  { endpoint }: Batch,
  body: unknown,
  stop: AbortSignal,
): Promise<LineReply | null> {
  for (let waitMs = RETRY_MS.first; ; waitMs = Math.min(2 * waitMs, RETRY_MS.most)) {
    if (stop.aborted) return null
    const reply = await context.answer(BATCH_ENDPOINTS[endpoint], body, stop).catch((error: unknown) => {
      if (stop.aborted) return null
      throw error
    })
    if (stop.aborted) return null
    if (reply === null || !TURNED_AWAY.has(reply.status)) return reply
    await setTimeout(waitMs, undefined, { signal: stop }).catch(() => undefined)
  }
}

function notRun(customId: string, stop: Stop): AnswerLine {
  const message =
    stop === 'expired'
      ? 'this request was not run before the batch expired'
      : 'this request was not run before the batch was cancelled'
  return { id: newId('batch_req_'), custom_id: customId, response: null, error: { code: `batch_${stop}`, message } }
}
