/**
 * `Forward` over the tree-capable graph, whichever backend runs it: checks, staging, the K/V cache, and one pass at a
 * time.
 */
import { InvalidArgumentError, RuntimeError, SequoiaError } from '../spec/errors.js'
import type { Backend } from './backend.js'
import type { Forward, ForwardInfo, ForwardInput, ForwardOptions, ForwardOutput, RuntimeKind } from './forward.js'
import { KvCache, type RowsOfLane, type VType } from './kv/kv-cache.js'
import { checkInput, Staging } from './staging.js'
import type { StreamCounts } from './streamed/layer-stream.js'
import type { NamedTensor } from './tensor.js'

/** Whose pass is running: those who share a backend take turns. */
interface Turn {
  inFlight?: Promise<void>
}

const REQUIRED_INPUTS = ['input_ids', 'position_ids', 'cache_index', 'mask', 'logit_rows']

export class GraphForward implements Forward {
  readonly kind: RuntimeKind
  readonly info: ForwardInfo
  readonly #backend: Backend
  readonly #turn: Turn
  readonly #isOwner: boolean
  readonly #staging: Staging
  readonly #cache: KvCache
  readonly #hasHidden: boolean
  readonly #logits: NamedTensor = { name: 'logits', type: 'float32', data: new Float32Array(0), dims: [] }
  readonly #hidden: NamedTensor = { name: 'hidden', type: 'float32', data: new Float32Array(0), dims: [] }
  #disposal: Promise<void> | undefined

  /**
   * Takes over the backend, unless it shares `turn` with the one that did. Throws `RuntimeError` if its graph does not
   * follow the contract for `info`.
   */
  constructor(backend: Backend, info: ForwardInfo, vType: VType, { slots, lanes, cells }: ForwardOptions, turn?: Turn) {
    const layers = Array.from({ length: info.layers }, (_, layer) => layer)
    requireNames('inputs', backend.inputNames, [
      ...REQUIRED_INPUTS,
      ...layers.flatMap((layer) => [`k_cache.${layer}`, `v_cache.${layer}`]),
    ])
    requireNames('outputs', backend.outputNames, [
      'logits',
      ...layers.flatMap((layer) => [`k_cache_out.${layer}`, `v_cache_out.${layer}`]),
    ])
    this.kind = backend.kind
    this.info = info
    this.#backend = backend
    this.#turn = turn ?? {}
    this.#isOwner = turn === undefined
    this.#staging = new Staging(backend.inputNames)
    this.#requireLanes(lanes)
    this.#cache = new KvCache(info, vType, { slots, lanes, cells })
    this.#hasHidden = backend.outputNames.includes('hidden')
  }

  get readsFeatures(): boolean {
    return this.#staging.hasFeatures
  }

  get capacity(): number {
    return this.#cache.capacity
  }

  get lanes(): number {
    return this.#cache.lanes
  }

  reserve(slots: number, lanes?: number): void {
    this.#requireIdle('reserve')
    this.#requireLanes(lanes)
    if (this.#cache.needs(slots, lanes)) {
      this.#backend.releaseCache(this.#cache)
      this.#cache.grow(slots, lanes)
    }
  }

  arrange(from: readonly number[]): void {
    this.#requireIdle('arrange')
    this.#requireLanes(from.length)
    this.#backend.releaseCache(this.#cache)
    this.#cache.arrange(from)
  }

  readRows(lane: number, slots: Int32Array): Uint8Array {
    this.#requireIdle('readRows')
    return this.#cache.copyOut(lane, slots)
  }

  writeRows(lane: number, slots: Int32Array, bytes: Uint8Array): void {
    this.#requireIdle('writeRows')
    this.#cache.copyIn(lane, slots, bytes)
  }

  copyRows(source: Forward, from: RowsOfLane, to: RowsOfLane): void {
    this.#requireIdle('copyRows')
    if (!(source instanceof GraphForward))
      throw new RuntimeError('rows can be copied from caches of the same model only')
    this.#cache.copyRows(source.#cache, from, to)
  }

  poison(lane: number, slots: Int32Array): void {
    this.#requireIdle('poison')
    this.#cache.poison(lane, slots)
  }

  async run(input: ForwardInput, output: ForwardOutput): Promise<void> {
    this.#requireIdle('run')
    checkInput(input, {
      capacity: this.#cache.capacity,
      lanes: this.#cache.lanes,
      vocab: this.info.vocab,
      features: this.#staging.hasFeatures ? this.info.hidden : 0,
    })
    this.#staging.fill(input, this.#cache.lanes)
    const outputs = this.#outputs(input, output)
    const pass = { inputs: this.#staging.tensors, outputs, cache: this.#cache, slots: this.#staging.slots }
    await this.#inTurn(() => this.#backend.run(pass))
  }

  get reads(): StreamCounts | null {
    return this.#backend.reads ?? null
  }

  get failure(): Error | null {
    return this.#backend.failure ?? null
  }

  async recover(): Promise<Error | null> {
    this.#requireIdle('recover')
    let failure: Error | null = null
    await this.#inTurn(async () => {
      failure = (await this.#backend.recover?.()) ?? null
    })
    return failure
  }

  withCache(): Forward {
    return new GraphForward(this.#backend, this.info, this.#cache.vType, {}, this.#turn)
  }

  /** Waits for a pass in flight, then frees the cache and, where it is its own, the session. May be called again. */
  dispose(): Promise<void> {
    this.#disposal ??= this.#close()
    return this.#disposal
  }

  async #close(): Promise<void> {
    await this.#turn.inFlight?.catch(() => undefined)
    if (this.#isOwner) await this.#backend.dispose()
    else this.#backend.releaseCache(this.#cache)
    this.#cache.dispose()
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const inFlight = work().finally(() => {
      this.#turn.inFlight = undefined
    })
    this.#turn.inFlight = inFlight
    await inFlight
  }

  #outputs({ tokens, logitRows }: ForwardInput, { logits, hidden }: ForwardOutput): NamedTensor[] {
    const { vocab, hidden: width } = this.info
    this.#logits.data = exactly('logits', logits, logitRows.length * vocab)
    this.#logits.dims = [logitRows.length, vocab]
    if (!hidden) return [this.#logits]
    if (!this.#hasHidden)
      throw new InvalidArgumentError('hidden', 'this graph has no hidden output; open the model with hidden: true')
    this.#hidden.data = exactly('hidden', hidden, tokens.length * width)
    this.#hidden.dims = [1, tokens.length, width]
    return [this.#logits, this.#hidden]
  }

  #requireLanes(lanes = 1): void {
    if (lanes > 1 && !this.#staging.isGrouped)
      throw new RuntimeError(`this graph serves one sequence at a time, not ${lanes}; import the model for several`)
  }

  #requireIdle(what: string): void {
    if (this.#disposal) throw new SequoiaError('closed', `${what} was called on a model that is closed; open it again`)
    if (this.#turn.inFlight) throw new RuntimeError(`${what} was called while a pass is running; await its end first`)
  }
}

/** The first `length` elements of a caller's array. */
function exactly(param: string, array: Float32Array, length: number): Float32Array {
  if (array.length < length)
    throw new InvalidArgumentError(param, `${param} has room for ${array.length} numbers; this pass writes ${length}`)
  return array.length === length ? array : array.subarray(0, length)
}

function requireNames(what: string, given: readonly string[], expected: readonly string[]): void {
  const missing = expected.filter((name) => !given.includes(name))
  if (missing.length > 0)
    throw new RuntimeError(`this graph has no ${what} named ${missing.slice(0, 4).join(', ')}; import the model again`)
}
