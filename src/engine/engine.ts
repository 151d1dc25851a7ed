/** The engine: takes requests through prefill and decode steps, several at a time, and streams what they yield. */
import { verifiers } from '../../plugins/verifiers/index.js'
import { InvalidArgumentError, SequoiaError } from '../errors.js'
import type { GrammarMask } from '../grammar/grammar-mask.js'
import { Grammars } from '../grammar/grammars.js'
import type { ChatTemplate, Tokenizer } from '../model/text.js'
import type { Drafter } from '../plugin/index.js'
import type { ModelRunner } from '../plugin/model-runner.js'
import { SequenceSampling } from '../sampling/sequence-sampling.js'
import { AcceptanceStats } from './acceptance.js'
import { Batch } from './batch.js'
import { Queue } from './queue.js'
import { checkRequest, type CheckedRequest } from './request.js'
import { PrefixCache, BLOCK } from './prefix-cache.js'
import { newCounts, observe, release, remaining, type Sequence } from './sequence.js'
import type { StepContext } from './step.js'
import { TextStream } from './text-stream.js'
import type { Tuning } from './tuning.js'
import type { Engine, EngineInfo, GeneratePart, GenerateRequest, GenerateStats } from './types.js'

/** The opened parts an engine is made of. */
export interface EngineParts {
  info: EngineInfo
  context: StepContext
  /** Every model's runner, the target's first. */
  runners: readonly ModelRunner[]
  /** Tokens the model ends its answers with. */
  stopTokens: readonly number[]
  tokenizer: Tokenizer
  template: ChatTemplate | null
  bosToken: number | null
  /** By the names a request may give as `draft`. */
  drafters: ReadonlyMap<string, Drafter>
  defaultDraft: string
  /** [rank] acceptance that the first static plans start from, at temperature 0 and above. */
  acceptance: { greedy: readonly number[]; sampled: readonly number[] }
  /** Most requests that decode together, and most that wait. */
  maxBatch: number
  maxQueue: number
  /** Bytes of K/V rows kept of texts that ended. */
  prefixCacheBytes: number
  tuning: Engine['tuning']
}

/** Prompt rows of one pass while others decode: they wait for it. */
const SHARED_CHUNK_ROWS = 32

export class DecodingEngine implements Engine {
  private readonly queue: Queue
  private readonly batch: Batch
  private readonly prefixes: PrefixCache
  private readonly grammars: Grammars
  private closing: Promise<void> | null = null
  /** [rank] acceptance that new sequences start from, learned from those before, at temperature 0 and above. */
  private readonly greedyPrior: Float64Array
  private readonly sampledPrior: Float64Array

  constructor(private readonly parts: EngineParts) {
    this.queue = new Queue(parts.maxBatch, parts.maxQueue)
    this.batch = new Batch(parts.context, parts.runners, parts.context.planner.limits.maxRows)
    this.prefixes = new PrefixCache(parts.prefixCacheBytes)
    this.grammars = new Grammars({ tokenizer: parts.tokenizer, vocabSize: parts.info.vocabSize, stopTokens: parts.stopTokens })
    this.greedyPrior = Float64Array.from(parts.acceptance.greedy)
    this.sampledPrior = Float64Array.from(parts.acceptance.sampled)
  }

  get info(): EngineInfo {
    return this.parts.info
  }

  private get target(): ModelRunner {
    return this.parts.context.target
  }

  async *generate(given: GenerateRequest): AsyncGenerator<GeneratePart, void, undefined> {
    this.assertOpen()
    const request = checkRequest(given, { maxNodes: this.parts.context.planner.limits.maxNodes, vocabSize: this.info.vocabSize })
    const prompt = this.encode(given)
    const room = this.info.maxContext - prompt.length
    if (room < 1) {
      throw new SequoiaError('context_overflow', `the prompt has ${prompt.length} tokens, the context holds ${this.info.maxContext} with the answer; shorten the prompt`)
    }
    const drafter = this.drafterOf(request)
    const grammar = request.controls.grammar === null ? null : await this.grammars.mask(request.controls.grammar)
    if (grammar) this.assertOpen()
    let leave: () => void
    try {
      leave = await this.queue.enter(request.signal)
    } catch (error) {
      grammar?.dispose()
      if (!request.signal?.aborted) throw error
      yield { text: '', tokens: [], accepted: 0, finishReason: 'abort', stats: statsOf({ promptLength: prompt.length, cachedTokens: 0 }, 0, newCounts()) }
      return
    }
    try {
      const sequence = await this.batch.between(() => this.begin({ ...request, maxTokens: Math.min(request.maxTokens, room) }, prompt, drafter, grammar))
      try {
        if (request.echo) yield { text: given.prompt ?? this.parts.tokenizer.decode(prompt, { special: true }), tokens: [], accepted: 0 }
        yield* this.decode(sequence)
      } finally {
        this.batch.leave(sequence)
        if (drafter?.growth === 'static') sequence.acceptance.teach(this.priorOf(request))
        await this.batch.between(() => this.keepPrefix(sequence)).finally(() => release(sequence))
      }
    } finally {
      leave()
    }
  }

  private assertOpen(): void {
    if (this.closing) throw new SequoiaError('closed', 'the engine is closed; open another one')
  }

  private async *decode(sequence: Sequence): AsyncGenerator<GeneratePart, void, undefined> {
    const { counts, request } = sequence
    const { target, batch } = this
    const started = performance.now()
    await this.readPrompt(sequence)
    counts.prefillMs = performance.now() - started
    batch.join(sequence)
    for (;;) {
      if (request.signal?.aborted) sequence.finish = 'abort'
      if (sequence.finish) break
      const began = performance.now()
      const busy = target.clock.busyMs
      const part = await batch.next(sequence)
      if (sequence.failure) throw sequence.failure
      counts.decodeMs += performance.now() - began
      counts.passMs += target.clock.busyMs - busy
      if (sequence.finish) {
        yield { ...part, finishReason: sequence.finish, stats: this.stats(sequence) }
        return
      }
      yield part
    }
    yield { text: sequence.text.end(), tokens: [], accepted: 0, finishReason: sequence.finish, stats: this.stats(sequence) }
  }

  /** Chunk by chunk, so that others' steps come in between; then the draft reads it too, where it is to be used. */
  private async readPrompt(sequence: Sequence): Promise<void> {
    const { target, batch } = this
    const { cache, tokens, drafting, request } = sequence
    const features = { wrote: (rows: Float32Array): void => observe(sequence, rows, target.forward.info.hidden) }
    while (cache.length < tokens.length - 1) {
      if (request.signal?.aborted) return
      const from = cache.length
      const rows = batch.size > 0 ? SHARED_CHUNK_ROWS : target.limits.maxRows
      await batch.between(() => target.extend(cache, tokens.slice(from, Math.min(from + rows, tokens.length - 1)), null, features))
    }
    await batch.between(async () => {
      const [plan] = this.parts.context.planner.plan([sequence])
      if (plan.maxNodes > 1) await drafting?.prepare(tokens)
    })
  }

  private begin(request: CheckedRequest, prompt: readonly number[], drafter: Drafter | null, grammar: GrammarMask | null): Sequence {
    const verifier = verifiers.get(request.verifier)!
    const { tokenizer, stopTokens: modelStops } = this.parts
    const { controls } = request
    const stopTokens = new Set([...(controls.ignoreEos ? [] : modelStops), ...controls.stopTokenIds])
    const sampling = new SequenceSampling({ core: this.target.core, tokenizer, controls, prompt, stopTokens, grammar })
    const cache = this.target.openCache()
    const sequence: Sequence = {
      request,
      verifier,
      drafter,
      drafting: drafter?.begin({ sampling: request.sampling, key: request.key, draws: verifier.draws, rows: sampling.rows }) ?? null,
      cache,
      tokens: [...prompt],
      promptLength: prompt.length,
      cachedTokens: 0,
      features: [],
      text: new TextStream(tokenizer, request.stop),
      sampling,
      stopTokens,
      acceptance: new AcceptanceStats(this.priorOf(request)),
      counts: newCounts(),
      plan: null,
      replanAt: 0,
      plannedAmong: 0,
      finish: null,
      failure: null,
    }
    for (const { kv, features } of this.prefixes.match(prompt)) {
      this.target.restore(cache, kv, BLOCK)
      observe(sequence, features, this.target.forward.info.hidden)
    }
    sequence.cachedTokens = cache.length
    return sequence
  }

  /** Keeps what was computed for those who begin alike. */
  private keepPrefix({ cache, tokens, features }: Sequence): void {
    this.prefixes.insert(tokens.slice(0, cache.length), (from) => ({ kv: this.target.save(cache, from, BLOCK), features: joined(features.slice(from, from + BLOCK)) }))
  }

  private priorOf(request: CheckedRequest): Float64Array {
    return request.sampling.temperature === 0 ? this.greedyPrior : this.sampledPrior
  }

  private drafterOf(request: CheckedRequest): Drafter | null {
    const name = request.draft ?? this.parts.defaultDraft
    if (name === 'none') return null
    const drafter = this.parts.drafters.get(name)
    if (!drafter) {
      throw new InvalidArgumentError('draft', `draft "${name}" is not open in this engine; it has none, ${[...this.parts.drafters.keys()].join(', ')}`)
    }
    const verifier = verifiers.get(request.verifier)!
    const grown = drafter.growth === 'dynamic' || (drafter.growth === 'static' && this.parts.context.planner.planner.growth === 'dynamic')
    if (grown && !verifier.allowsDynamic) {
      throw new InvalidArgumentError('verifier', `draft "${name}" chooses its tree after seeing its tokens, which "${verifier.name}" cannot verify without bias; use "coupled"`)
    }
    return drafter
  }

  encode(request: Pick<GenerateRequest, 'messages' | 'prompt' | 'promptTokens'>): number[] {
    const { tokenizer, template, bosToken } = this.parts
    if (request.promptTokens) {
      const bad = request.promptTokens.findIndex((token) => !Number.isInteger(token) || token < 0 || token >= this.info.vocabSize)
      if (bad >= 0 || request.promptTokens.length === 0) {
        throw new InvalidArgumentError('promptTokens', `promptTokens must be token ids from 0 to ${this.info.vocabSize - 1}, at least one; entry ${bad} is ${request.promptTokens[bad]}`)
      }
      return [...request.promptTokens]
    }
    if (request.messages) {
      if (!template) throw new InvalidArgumentError('messages', `model "${this.info.model}" has no chat template; send a raw prompt instead`)
      return template.encode(request.messages)
    }
    const tokens = tokenizer.encode(request.prompt!)
    if (bosToken !== null) tokens.unshift(bosToken)
    if (tokens.length === 0) throw new InvalidArgumentError('prompt', 'prompt is empty and this model has no token to begin with; give some text')
    return tokens
  }

  tuning(context?: number): Tuning {
    return this.parts.tuning(context)
  }

  private stats(sequence: Sequence): GenerateStats {
    return statsOf(sequence, sequence.request.maxTokens - remaining(sequence), sequence.counts)
  }

  usage(): { slotsUsed: number; slots: number; running: number; waiting: number } {
    const { target, queue } = this
    return { slotsUsed: target.slotsUsed, slots: target.forward.capacity * target.forward.lanes, running: queue.running, waiting: queue.waiting }
  }

  close(): Promise<void> {
    this.closing ??= this.queue.drained().then(async () => {
      await this.batch.idle()
      for (const drafter of this.parts.drafters.values()) await drafter.dispose()
      await this.target.dispose()
    })
    return this.closing
  }
}

function joined(rows: readonly Float32Array[]): Float32Array {
  const width = rows[0]?.length ?? 0
  const whole = new Float32Array(rows.length * width)
  rows.forEach((row, i) => whole.set(row, i * width))
  return whole
}

function statsOf({ promptLength: promptTokens, cachedTokens }: Pick<Sequence, 'promptLength' | 'cachedTokens'>, tokens: number, counts: Sequence['counts']): GenerateStats {
  const steps = Math.max(counts.steps, 1)
  return {
    promptTokens,
    cachedTokens,
    tokens,
    steps: counts.steps,
    tokensPerStep: tokens / steps,
    prefillMs: counts.prefillMs,
    decodeMs: counts.decodeMs,
    drafted: counts.drafted,
    accepted: counts.accepted,
    planNodes: counts.nodes / steps,
    planDepth: counts.depth / steps,
    overhead: counts.decodeMs > 0 ? 1 - counts.passMs / counts.decodeMs : 0,
  }
}
