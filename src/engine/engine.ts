/** The engine: takes requests through prefill and decode steps, several at a time, and streams what they yield. */
import { SequoiaError } from '../spec/errors.js'
import { callGrammar } from '../grammar/tool-calls.js'
import type { GrammarMask } from '../grammar/grammar-mask.js'
import { Grammars } from '../grammar/grammars.js'
import { lanesFor } from '../passes/lanes.js'
import type { ModelRunner, PassClock } from '../passes/model-runner.js'
import { roundUpSlots } from '../runtime/kv/store.js'
import type { AskedGrammar } from '../sampling/controls.js'
import { integer } from '../spec/values.js'
import { Batch } from './batch.js'
import type {
  Engine,
  EngineStats,
  EngineEvents,
  EngineInfo,
  GeneratePart,
  GenerateRequest,
  GenerateStats,
  Tuning,
} from '../api/types.js'
import { Lifetime } from './lifetime.js'
import { drafterOf, encodePrompt, type EngineParts } from './parts.js'
import { Prompts } from './prompts.js'
import { Queue } from './queue.js'
import { checkRequest } from './request.js'
import type { Recorder } from '../observe/recorder.js'
import { release, shareOf, type Sequence } from './sequence.js'
import { Sequences } from './sequences.js'
import { engineStats } from '../observe/stats.js'
import { newCounts, requestStats } from '../observe/request-stats.js'
import { failureOf, leastOf, reasonOf, type Run } from './run.js'
import { readCalls } from './call-stream.js'

/** Prompt tokens that a draft reads in one go. */
const PIECE_ROWS = 128

export class DecodingEngine implements Engine {
  private readonly queue: Queue
  private readonly batch: Batch
  private readonly sequences: Sequences
  private readonly grammars: Grammars
  private readonly runs = new Set<Run>()
  /** One of each model. */
  private readonly clocks: readonly PassClock[]
  private closing: Promise<void> | null = null
  private recovering: Promise<Error | null> | null = null
  /** Milliseconds that the target's passes had taken when the engine was opened. */
  private readonly passMsAtOpen: number

  constructor(private readonly parts: EngineParts) {
    this.queue = new Queue(
      parts.maxBatch,
      parts.maxQueue,
      (slots) => parts.cells === null || lanesFor(slots.length) * roundUpSlots(Math.max(...slots)) <= parts.cells,
    )
    const prompts = new Prompts(this.target, parts.apart, parts.context.speculation.parts.target, this.recorder)
    this.batch = new Batch(parts.context, parts.runners, parts.context.speculation.parts.limits.maxRows, prompts)
    this.sequences = new Sequences(parts)
    this.clocks = [...new Set(parts.runners.map(({ clock }) => clock))]
    this.passMsAtOpen = this.target.clock.busyMs
    this.grammars = new Grammars({
      tokenizer: parts.tokenizer,
      vocabSize: parts.info.vocabSize,
      stopTokens: parts.stopTokens,
    })
  }

  get info(): EngineInfo {
    return this.parts.info
  }

  get events(): EngineEvents {
    return this.recorder.emitter.listeners
  }

  private get recorder(): Recorder {
    return this.parts.context.recorder
  }

  private get target(): ModelRunner {
    return this.parts.context.target
  }

  async *generate(given: GenerateRequest): AsyncGenerator<GeneratePart, void, undefined> {
    this.assertOpen()
    const request = checkRequest(given, {
      maxNodes: this.parts.context.speculation.parts.limits.maxNodes,
      vocabSize: this.info.vocabSize,
    })
    const prompt = encodePrompt(this.parts, given, request.tools, this.info.maxContext)
    const calls = request.tools && this.parts.template!.callFormat
    if (calls) request.controls.grammar = { ...callGrammar({ ...request.tools!, format: calls }), param: 'tools' }
    const room = this.info.maxContext - prompt.length
    if (room < 1) {
      throw new SequoiaError(
        'context_overflow',
        `the prompt has ${prompt.length} tokens, the context holds ${this.info.maxContext} with the answer; shorten the prompt`,
      )
    }
    const drafter = drafterOf(this.parts, request)
    const run: Run = {
      request: { ...request, maxTokens: Math.min(request.maxTokens, room) },
      prompt,
      drafter,
      lifetime: new Lifetime(request.signal, leastOf(request.timeoutMs, this.parts.timeoutMs)),
      record: this.recorder.request(given, prompt.length, drafter?.name ?? 'none'),
      sequence: null,
      leave: null,
      error: null,
      finish: null,
      ended: null,
    }
    this.runs.add(run)
    try {
      if (await this.admit(run)) {
        if (request.echo)
          yield {
            text: given.prompt ?? run.sequence!.text.echo(prompt),
            tokens: [],
            accepted: 0,
          }
        const parts = this.decode(run.sequence!, run.lifetime)
        for await (const part of calls ? readCalls(parts, calls) : parts) {
          run.finish = part.finishReason ?? null
          yield part
        }
      } else yield { text: '', tokens: [], accepted: 0, finishReason: 'abort', stats: this.statsOfRun(run) }
    } catch (error) {
      run.error = error as Error
      throw error
    } finally {
      await this.end(run)
    }
  }

  private assertOpen(): void {
    if (this.closing) throw new SequoiaError('closed', 'the engine is closed; open another one')
  }

  /** Waits for a place and opens the sequence; false where the caller ended the request before. */
  private async admit(run: Run): Promise<boolean> {
    const { request, lifetime } = run
    const slots = run.prompt.length + request.maxTokens + this.parts.context.speculation.parts.limits.maxNodes
    let grammar: GrammarMask | null = null
    try {
      if (request.controls.grammar) {
        this.queue.assertRoom(slots)
        grammar = await this.compiled(request.controls.grammar, lifetime)
        this.assertOpen()
      }
      request.onAccepted?.()
      run.leave = await this.queue.enter(lifetime.signal, slots, () => lifetime.isOver || run.finish !== null)
    } catch (error) {
      grammar?.dispose()
      if (!lifetime.isOver || lifetime.failure) throw error
      return false
    }
    const sequence = await this.batch.between(() => this.sequences.begin(run, grammar))
    run.sequence = sequence
    this.recorder.start(run.record, sequence)
    // At once, since the reader may not come back; what goes wrong in it is told when it does.
    const end = (): void => void this.end(run).catch(() => undefined)
    if (lifetime.isOver) end()
    else lifetime.signal.addEventListener('abort', end, { once: true })
    return true
  }

  /** A grammar takes up to seconds to compile; a request that is over does not wait for it. */
  private async compiled(asked: AskedGrammar, lifetime: Lifetime): Promise<GrammarMask> {
    const compiling = this.grammars.mask(asked, asked.param)
    try {
      return await lifetime.unlessOver(compiling)
    } catch (error) {
      void compiling.then(
        (mask) => mask.dispose(),
        () => undefined,
      )
      throw error
    }
  }

  /** Gives back all that a request holds, whatever ended it. */
  private end(run: Run): Promise<void> {
    run.ended ??= this.giveBack(run)
    return run.ended
  }

  private async giveBack(run: Run): Promise<void> {
    const { sequence, lifetime } = run
    const outcome = { reason: reasonOf(run), error: failureOf(run) ?? undefined, stats: this.statsOfRun(run) }
    lifetime.dispose()
    try {
      if (!sequence) return
      this.batch.leave(sequence)
      await this.batch.between(() => this.sequences.learn(sequence)).finally(() => release(sequence))
    } finally {
      run.leave?.()
      this.runs.delete(run)
      this.recorder.end(run.record, outcome)
    }
  }

  private async *decode(sequence: Sequence, lifetime: Lifetime): AsyncGenerator<GeneratePart, void, undefined> {
    const { counts } = sequence
    const { batch } = this
    const started = performance.now()
    await this.readPrompt(sequence, lifetime)
    counts.prefillMs = performance.now() - started
    if (!lifetime.isOver) batch.join(sequence)
    while (!lifetime.isOver) {
      const began = performance.now()
      const busy = this.passMs
      const part = await batch.next(sequence)
      // What a step brings after the deadline came too late, be it the answer's end.
      if (!part || lifetime.failure) break
      if (sequence.failure) throw sequence.failure
      counts.decodeMs += performance.now() - began
      counts.passMs += this.passMs - busy
      if (sequence.finish) {
        yield { ...part, finishReason: sequence.finish, stats: requestStats(sequence) }
        return
      }
      yield part
    }
    if (lifetime.failure) throw lifetime.failure
    yield { text: sequence.text.end(), tokens: [], accepted: 0, finishReason: 'abort', stats: requestStats(sequence) }
  }

  private async readPrompt(sequence: Sequence, lifetime: Lifetime): Promise<void> {
    const { batch } = this
    await batch.readPrompt(sequence, lifetime)
    const { drafting, tokens } = sequence
    if (!drafting || lifetime.isOver) return
    if (
      !(await batch.between(() =>
        this.parts.context.speculation.wouldDraft(shareOf(sequence), batch.decoding.map(shareOf)),
      ))
    )
      return
    // The draft reads it too, where it is to be used: by pieces, so that others' steps come in between and an abort
    // frees it within one.
    for (let end = 0; end < tokens.length && !lifetime.isOver;) {
      end = Math.min(tokens.length, end + PIECE_ROWS)
      await batch.between(() => this.recorder.drafting(() => drafting.prepare(tokens.slice(0, end))))
      this.parts.context.speculation.draftHasRead(sequence.speculation, tokens.length - end)
    }
  }

  encode(request: Pick<GenerateRequest, 'messages' | 'tools' | 'toolChoice' | 'prompt' | 'promptTokens'>): number[] {
    return encodePrompt(this.parts, request)
  }

  tuning(context?: number, parents?: readonly number[]): Tuning {
    return this.parts.tuning(context, parents)
  }

  async calibrate({ rounds }: { rounds?: number } = {}): Promise<void> {
    this.assertOpen()
    if (rounds !== undefined) integer('rounds', rounds, 1, 1000)
    if (this.runs.size > 0)
      throw new SequoiaError(
        'overloaded',
        `passes are timed while nothing runs, and ${this.runs.size} request(s) do; wait until usage() says 0 running and waiting`,
      )
    // Requests that come from here on begin after it.
    await this.batch.between(async () => {
      for (const calibration of this.parts.calibrations) await calibration.again(rounds)
    })
  }

  private statsOfRun({ sequence, prompt, record }: Run): GenerateStats {
    return requestStats(
      sequence ?? { promptLength: prompt.length, cachedTokens: 0, counts: newCounts(), tokens: prompt, record },
    )
  }

  /** Milliseconds in the passes of all models. */
  private get passMs(): number {
    return this.clocks.reduce((sum, { busyMs }) => sum + busyMs, 0)
  }

  stats(): EngineStats {
    const targetMs = this.target.clock.busyMs - this.passMsAtOpen
    const kvBytes = this.parts.runners.reduce((sum, { memory }) => sum + memory.usage.kvBytes, 0)
    const reads = this.target.forward.source?.counts ?? null
    return engineStats(this.recorder.totals, {
      ...this.usage(),
      kvBytes,
      prefixBytes: this.sequences.prefixBytes,
      reads: reads && { ...reads },
      targetMs,
      busyMs: this.batch.busyMs,
    })
  }

  async fault(): Promise<Error | null> {
    const { source } = this.target.forward
    if (!source?.failure || this.closing) return source?.failure ?? null
    this.recovering ??= this.batch.between(() => source.recover()).finally(() => (this.recovering = null))
    return this.recovering
  }

  usage(): { slotsUsed: number; slots: number; running: number; waiting: number } {
    const { target, queue } = this
    const { slotsUsed, slots } = target.memory.usage
    return {
      slotsUsed,
      slots,
      running: queue.running,
      waiting: queue.waiting,
    }
  }

  close({ drainMs }: { drainMs?: number } = {}): Promise<void> {
    if (drainMs !== undefined) integer('drainMs', drainMs, 0, 2 ** 31 - 1)
    this.closing ??= this.queue.drained().then(async () => {
      await this.batch.idle()
      await this.grammars.close()
      for (const drafter of this.parts.drafters.values()) await drafter.dispose()
      await this.target.dispose()
    })
    const stop = (): void => {
      for (const { lifetime } of this.runs)
        lifetime.stop(new SequoiaError('closed', 'the engine was closed before the answer was complete'))
    }
    if (drainMs === 0) stop()
    else if (drainMs !== undefined) {
      const late = setTimeout(stop, drainMs)
      void this.closing.finally(() => clearTimeout(late))
    }
    return this.closing
  }
}
