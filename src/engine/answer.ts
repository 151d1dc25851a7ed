/** One answer, from its prompt to its end: the prompt is read, then step after step brings a part. */
import type { GeneratePart } from '../api/types.js'
import type { Recorder } from '../observe/recorder.js'
import { requestStats } from '../observe/request-stats.js'
import type { Speculation } from '../speculation/speculation.js'
import type { Batch } from './batch.js'
import type { Run } from './run.js'
import { shareOf, type Sequence } from './sequence.js'

/** Prompt tokens that a draft reads in one go. */
const PIECE_ROWS = 128

export interface AnswerParts {
  batch: Batch
  speculation: Speculation
  recorder: Recorder
  /** Milliseconds in the passes of all models so far. */
  passMs(): number
}

/** The parts of an answer; the last one has its reason and statistics. */
export async function* answer(
  parts: AnswerParts,
  run: Run,
  sequence: Sequence,
): AsyncGenerator<GeneratePart, void, undefined> {
  const { batch, passMs } = parts
  const { record } = run
  const { counts } = record
  const started = performance.now()
  await batch.readPrompt(sequence, run)
  await prepareDraft(parts, run, sequence)
  counts.prefillMs = performance.now() - started
  if (!run.isOver) batch.join(sequence)
  while (!run.isOver) {
    const began = performance.now()
    const busyMs = passMs()
    const part = await batch.next(sequence)
    // What a step brings after the deadline came too late, be it the answer's end.
    if (!part || run.stopReason) break
    if (sequence.failure) throw sequence.failure
    counts.decodeMs += performance.now() - began
    counts.passMs += passMs() - busyMs
    if (sequence.finish) {
      yield { ...part, finishReason: sequence.finish, stats: requestStats(record) }
      return
    }
    yield part
  }
  if (run.stopReason) throw run.stopReason
  yield { ...sequence.text.end(), tokens: [], accepted: 0, finishReason: 'abort', stats: requestStats(record) }
}

/**
 * Has the draft read the prompt too, where it is to be used: by pieces, so that others' steps come in between and an
 * abort frees it within one.
 */
async function prepareDraft(
  { batch, speculation, recorder }: AnswerParts,
  run: Run,
  sequence: Sequence,
): Promise<void> {
  const { drafting, tokens, speculation: state } = sequence
  if (!drafting || run.isOver) return
  const wouldDraft = await batch.between(() => speculation.wouldDraft(shareOf(sequence), batch.decoding.map(shareOf)))
  if (!wouldDraft) return
  for (let end = 0; end < tokens.length && !run.isOver;) {
    end = Math.min(tokens.length, end + PIECE_ROWS)
    await batch.between(() => recorder.drafting(() => drafting.prepare(tokens.slice(0, end))))
    speculation.draftHasRead(state, tokens.length - end)
  }
}
