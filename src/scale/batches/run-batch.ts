/**
 * One batch from its input file to its output files. Each answer is a line of a journal as soon as it is there; a batch
 * that was interrupted goes on with the requests that have no line, so that every `custom_id` has exactly one.
 */
import { rm } from 'node:fs/promises'
import type { FileStore } from '../files/file-object.js'
import { newId } from '../ids.js'
import { type Batch, noUsage } from './batch-object.js'
import type { FolderBatches, StoredBatch } from './folder-batches.js'
import { readInput, type Input, type InputFile } from './input.js'
import { Journal } from './journal.js'
import { runRequests, type AnswerLine, type Answering } from './run-requests.js'

export interface BatchContext extends Answering {
  files: FileStore
  batches: FolderBatches
  /** Reads one JSON text. */
  parse(text: string): unknown
}

/** Why a batch is to end early. `lost`: another process runs it, and this one must not write any more. */
export type Stop = 'cancelled' | 'expired' | 'interrupted' | 'lost'

/** Answers after which the counts are written down. */
const COUNTS_EVERY = 50

/** The journals in a batch's folder. */
const OUTPUT = 'output.jsonl'
const ERRORS = 'errors.jsonl'

/**
 * Runs a batch to its end, or until `stop` is aborted with the reason (a `Stop`); what has run stays. Nothing is
 * written once `mayWrite` says no.
 */
export async function runBatch(
  context: BatchContext,
  stored: StoredBatch,
  stop: AbortSignal,
  mayWrite: () => boolean = () => true,
): Promise<void> {
  if (stored.ending === null) await answerAll(context, stored, stop, mayWrite)
  if (stored.ending !== null && mayWrite()) await finish(context, stored)
}

async function answerAll(
  context: BatchContext,
  stored: StoredBatch,
  stop: AbortSignal,
  mayWrite: () => boolean,
): Promise<void> {
  const { batches, files, parse } = context
  const { batch, owner } = stored
  const file: InputFile = {
    read: (from) => files.read(owner, batch.input_file_id, from),
    endpoint: batch.endpoint,
    parse,
  }
  const input = await readInput(file).catch((error: unknown): Input => {
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
    const places = input.places.filter(({ customId }) => !done.has(customId))
    const write = async (line: AnswerLine): Promise<void> => {
      if (!mayWrite()) return
      await (line.response?.status_code === 200 ? output : errors).append(line)
      count(batch, done, line)
      if (done.size % COUNTS_EVERY === 0) await batches.write(stored)
    }
    await runRequests(context, { file, places, caller: owner, write }, stop)
    if (!mayWrite()) return
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

function notRun(customId: string, stop: Stop): AnswerLine {
  const message =
    stop === 'expired'
      ? 'this request was not run before the batch expired'
      : 'this request was not run before the batch was cancelled'
  return { id: newId('batch_req_'), custom_id: customId, response: null, error: { code: `batch_${stop}`, message } }
}
