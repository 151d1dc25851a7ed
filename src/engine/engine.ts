/** The engine: takes requests through prefill and decode steps, several at a time, and streams what they yield. */
import type { Engine, EngineEvents, EngineInfo, EngineStats } from '../api/types.js'
import type { GeneratePart, GenerateRequest, Tuning } from '../api/types.js'
import { askGrammar } from '../grammar/asked-grammar.js'
import { requestStats } from '../observe/request-stats.js'
import { engineStats } from '../observe/stats.js'
import type { ModelRunner, PassClock } from '../passes/model-runner.js'
import { SequoiaError } from '../spec/errors.js'
import { integer } from '../spec/check-values.js'
import { placeAfter } from '../text/thinking.js'
import type { CallFormat } from '../text/tools/call-format.js'
import { Admission } from './admission.js'
import { answer } from './answer.js'
import { Batch } from './batch.js'
import { readCalls } from './call-stream.js'
import { drafterOf } from './choose-draft.js'
import type { EngineParts } from './parts.js'
import { PromptEncoder } from './prompt-encoder.js'
import type { PromptFields } from './prompt-tokens.js'
import { Prompts } from './prompts.js'
import { resume } from './commit.js'
import { checkRequest, type CheckedRequest } from './check-request.js'
import { leastOf, Run } from './run.js'
import { checkTools } from './check-tools.js'

export class DecodingEngine implements Engine {
  readonly info: EngineInfo
  readonly events: EngineEvents
  private readonly target: ModelRunner
  private readonly batch: Batch
  private readonly admission: Admission
  private readonly encoder: PromptEncoder
  /** One of each model. */
  private readonly clocks: readonly PassClock[]
  /** Milliseconds that the target's passes had taken when the engine was opened. */
  private readonly passMsAtOpen: number
  private closing: Promise<void> | null = null
  private recovering: Promise<Error | null> | null = null

  constructor(private readonly parts: EngineParts) {
    const { models, speculation, text, recorder } = parts
    this.info = parts.info
    this.events = recorder.emitter.listeners
    this.target = models.target
    const prompts = new Prompts(models.target, models.apart, speculation.parts.target, recorder)
    const context = { target: models.target, speculation, tokenizer: text.tokenizer, recorder }
    this.batch = new Batch(context, models.runners, speculation.parts.limits.maxRows, prompts)
    this.admission = new Admission(parts, this.batch)
    this.encoder = new PromptEncoder(text, parts.info)
    this.clocks = [...new Set(models.runners.map(({ clock }) => clock))]
    this.passMsAtOpen = models.target.clock.busyMs
  }

  async *generate(given: GenerateRequest): AsyncGenerator<GeneratePart, void, undefined> {
    this.admission.assertOpen()
    const { speculation, recorder } = this.parts
    const request = this.checked(given)
    const encoded = this.encoder.encode(given, request.tools)
    const prompt = Array.isArray(encoded) ? encoded : await encoded
    this.admission.assertOpen()
    const { run, calls } = this.begun(given, request, prompt)
    try {
      const sequence = await this.admission.enter(run)
      if (!sequence) {
        yield { text: '', tokens: [], accepted: 0, finishReason: 'abort', stats: requestStats(run.record) }
        return
      }
      const { echo, resume: made } = run.request
      if (echo) {
        const text = given.prompt ?? sequence.text.echo(run.prompt)
        if (!made) yield { text, tokens: [], accepted: 0 }
      }
      const passMs = (): number => this.passMs
      const steps = answer({ batch: this.batch, speculation, recorder, passMs }, run, sequence)
      const parts = made ? behind(resume(sequence, made), steps) : steps
      let isSent = made !== undefined
      for await (const part of calls ? readCalls(parts, calls) : parts) {
        if (isSent) {
          isSent = false
          continue
        }
        run.finish = part.finishReason ?? null
        yield part
      }
    } catch (error) {
      run.error = error as Error
      throw error
    } finally {
      await this.admission.end(run)
    }
  }

  private checked(given: GenerateRequest): CheckedRequest {
    const { info, strategies, speculation } = this.parts
    const { maxNodes } = speculation.parts.limits
    return checkRequest(given, {
      maxNodes,
      vocabSize: info.vocabSize,
      verifiers: strategies.verifiers,
      defaults: info.sampling,
    })
  }

  /** A request that may come in, and how calls of tools are read out of its answer. */
  private begun(
    given: GenerateRequest,
    request: CheckedRequest,
    prompt: readonly number[],
  ): { run: Run; calls: CallFormat | null } {
    const { info, text, strategies, speculation, limits, recorder } = this.parts
    const { planner } = speculation.parts
    const { maxContext } = info
    const calls = request.tools && text.template!.callFormat
    if (calls) {
      const { tools, required, several } = request.tools!
      const asked = askGrammar({ calls: { format: calls, tools, required, several } })!
      request.controls.grammar = { asked, param: 'tools' }
    }
    const room = maxContext - prompt.length
    if (room < 1) {
      throw new SequoiaError(
        'context_overflow',
        `the prompt has ${prompt.length} tokens, the context holds ${maxContext} with the answer; shorten the prompt`,
      )
    }
    const marks = given.messages ? text.template!.thinking : null
    const drafter = drafterOf(strategies, planner, request)
    const run = new Run({
      request: { ...request, maxTokens: Math.min(request.maxTokens, room) },
      prompt,
      drafter,
      record: recorder.request(given, prompt.length, drafter?.name ?? 'none'),
      thinking: marks && { marks, place: placeAfter(prompt, marks, text.tokenizer) },
      timeoutMs: leastOf(request.timeoutMs, limits.timeoutMs),
    })
    return { run, calls }
  }

  async encode(request: PromptFields): Promise<number[]> {
    return this.encoder.encode(request, checkTools(request), Infinity)
  }

  tuning(context?: number, parents?: readonly number[]): Tuning {
    return this.parts.timing.tuning(context, parents)
  }

  async calibrate({ rounds }: { rounds?: number } = {}): Promise<void> {
    const { admission, batch, parts } = this
    admission.assertOpen()
    if (rounds !== undefined) integer('rounds', rounds, 1, 1000)
    if (admission.open > 0) {
      throw new SequoiaError(
        'overloaded',
        `passes are timed while nothing runs, and ${admission.open} request(s) do; ` +
          'wait until usage() says 0 running and waiting',
      )
    }
    // Requests that come from here on begin after it.
    await batch.between(async () => {
      for (const timed of parts.timing.passes) await timed.again(rounds)
    })
  }

  /** Milliseconds in the passes of all models. */
  private get passMs(): number {
    return this.clocks.reduce((sum, { busyMs }) => sum + busyMs, 0)
  }

  stats(): EngineStats {
    const { models, recorder } = this.parts
    const { source } = this.target.forward
    return engineStats(recorder.totals, {
      ...this.usage(),
      kvBytes: models.runners.reduce((sum, { memory }) => sum + memory.usage.kvBytes, 0),
      prefixBytes: this.admission.sequences.prefixBytes,
      reads: source ? { ...source.counts } : null,
      targetMs: this.target.clock.busyMs - this.passMsAtOpen,
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
    const { slotsUsed, slots } = this.target.memory.usage
    const { running, waiting } = this.admission.queue
    return { slotsUsed, slots, running, waiting }
  }

  close({ drainMs }: { drainMs?: number } = {}): Promise<void> {
    if (drainMs !== undefined) integer('drainMs', drainMs, 0, 2 ** 31 - 1)
    this.closing ??= Promise.all([this.admission.close(), this.encoder.close()]).then(async () => {
      await this.parts.timing.keeper.keep()
      for (const drafter of this.parts.strategies.drafters.values()) await drafter.dispose()
      await this.target.dispose()
    })
    const stop = (): void =>
      this.admission.stop(new SequoiaError('closed', 'the engine was closed before the answer was complete'))
    if (drainMs === 0) stop()
    else if (drainMs !== undefined) {
      const late = setTimeout(stop, drainMs)
      void this.closing.finally(() => clearTimeout(late))
    }
    return this.closing
  }
}

/** What was sent before comes first: calls of tools are read out of the whole answer. */
async function* behind(sent: GeneratePart, parts: AsyncIterable<GeneratePart>): AsyncGenerator<GeneratePart> {
  yield sent
  yield* parts
}
