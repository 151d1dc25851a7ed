/**
 * A request's way in and out: it waits for a place among those that decode and for its grammar, is opened as a
 * sequence, and gives back all it held, whatever ended it.
 */
import type { GrammarMask } from '../grammar/grammar-mask.js'
import { Grammars } from '../grammar/grammars.js'
import { requestStats } from '../observe/request-stats.js'
import type { Recorder } from '../observe/recorder.js'
import { lanesFor } from '../passes/lanes.js'
import { roundUpSlots } from '../runtime/kv/store.js'
import type { FieldGrammar } from '../sampling/controls.js'
import { SequoiaError } from '../spec/errors.js'
import type { Batch } from './batch.js'
import type { EngineParts } from './parts.js'
import { Queue } from './queue.js'
import type { Run } from './run.js'
import { release, type Sequence } from './sequence.js'
import { Sequences } from './sequences.js'

export class Admission {
  readonly queue: Queue
  readonly sequences: Sequences
  private readonly grammars: Grammars
  private readonly runs = new Set<Run>()
  private readonly recorder: Recorder
  /** Slots that a sequence needs beyond its text: those of a tree. */
  private readonly treeSlots: number
  private isClosed = false

  constructor(
    parts: EngineParts,
    private readonly batch: Batch,
  ) {
    const { maxBatch, maxQueue, cells } = parts.limits
    const fits = (slots: readonly number[]): boolean =>
      cells === null || lanesFor(slots.length) * roundUpSlots(Math.max(...slots)) <= cells
    this.queue = new Queue(maxBatch, maxQueue, fits)
    this.sequences = new Sequences(parts)
    const { speaking: tokenizer, stopTokens } = parts.text
    this.grammars = new Grammars({ tokenizer, vocabSize: parts.models.target.vocab, stopTokens })
    this.recorder = parts.recorder
    this.treeSlots = parts.speculation.parts.limits.maxNodes
  }

  /** Requests that have not ended. */
  get open(): number {
    return this.runs.size
  }

  /** Throws `SequoiaError` ('closed') once no more requests are taken. */
  assertOpen(): void {
    if (this.isClosed) throw new SequoiaError('closed', 'the engine is closed; open another one')
  }

  /** Waits for a place and opens the sequence; null where the caller ended the request before. `end` comes after it. */
  async enter(run: Run): Promise<Sequence | null> {
    this.runs.add(run)
    const slots = run.prompt.length + run.request.maxTokens + this.treeSlots
    let grammar: GrammarMask | null = null
    try {
      const { grammar: asked } = run.request.controls
      if (asked) {
        this.queue.assertRoom(slots, run.request.whose)
        grammar = await this.compiled(asked, run)
        this.assertOpen()
      }
      run.request.onAccepted?.()
      const isOver = (): boolean => run.isOver || run.finish !== null
      run.leave = await this.queue.enter(run.signal, slots, isOver, run.request.whose)
    } catch (error) {
      grammar?.dispose()
      if (!run.isOver || run.stopReason) throw error
      return null
    }
    const sequence = await this.batch.between(() => this.sequences.begin(run, grammar))
    run.sequence = sequence
    this.recorder.start(run.record)
    // At once, since the reader may not come back; what goes wrong in it is told when it does.
    const end = (): void => void this.end(run).catch(() => undefined)
    if (run.isOver) end()
    else run.signal.addEventListener('abort', end, { once: true })
    return sequence
  }

  /** A grammar takes up to seconds to compile; a request that is over does not wait for it. */
  private async compiled({ asked, param }: FieldGrammar, run: Run): Promise<GrammarMask> {
    const compiling = this.grammars.mask(asked, param)
    try {
      return await run.unlessOver(compiling)
    } catch (error) {
      void compiling.then(
        (mask) => mask.dispose(),
        () => undefined,
      )
      throw error
    }
  }

  /** Gives back all that a request holds, once. */
  end(run: Run): Promise<void> {
    run.ended ??= this.giveBack(run)
    return run.ended
  }

  private async giveBack(run: Run): Promise<void> {
    const { sequence, record } = run
    const outcome = { reason: run.endReason, error: run.failure ?? undefined, stats: requestStats(record) }
    run.dispose()
    try {
      if (!sequence) return
      this.batch.leave(sequence)
      await this.batch.between(() => this.sequences.learn(sequence)).finally(() => release(sequence))
    } finally {
      run.leave?.()
      this.runs.delete(run)
      this.recorder.end(record, outcome)
    }
  }

  /** Takes no new requests; resolves when those that run or wait have ended. */
  async close(): Promise<void> {
    this.isClosed = true
    await this.queue.drained()
    await this.batch.idle()
    await this.grammars.close()
  }

  /** Ends every request within a step. */
  stop(why: SequoiaError): void {
    for (const run of this.runs) run.stop(why)
  }
}
