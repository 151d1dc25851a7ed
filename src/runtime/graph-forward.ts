/**
 * `Forward` over the tree-capable graph, whichever backend runs it: checks, inputs, the K/V rows, and one thing at a
 * time.
 */
import { InvalidArgumentError, RuntimeError, SequoiaError } from '../spec/errors.js'
import type { Backend, BackendTraits, Replays, RuntimeKind, WeightSource } from './backend.js'
import type { Forward, ForwardInfo, ForwardInput, ForwardOptions, ForwardOutput } from './forward.js'
import { IdleStore } from './kv/idle-store.js'
import type { KvStore } from './kv/store.js'
import { checkInput, PassInputs } from './pass-inputs.js'
import type { NamedTensor } from './tensor.js'

/** What is being done: those who share a backend take turns. */
interface Turn {
  what?: string
  inFlight?: Promise<unknown>
}

const REQUIRED_INPUTS = ['input_ids', 'position_ids', 'cache_index', 'mask', 'logit_rows']

export class GraphForward implements Forward {
  readonly kind: RuntimeKind
  readonly traits: BackendTraits
  readonly info: ForwardInfo
  readonly cache: KvStore
  readonly source: WeightSource | null
  readonly replays: Replays | null
  readonly #backend: Backend
  readonly #turn: Turn
  readonly #isOwner: boolean
  readonly #inputs: PassInputs
  readonly #store: KvStore
  readonly #logits: NamedTensor = { name: 'logits', type: 'float32', data: new Float32Array(0), dims: [] }
  readonly #hidden: NamedTensor = { name: 'hidden', type: 'float32', data: new Float32Array(0), dims: [] }
  #disposal: Promise<void> | undefined

  /**
   * Takes over the backend, unless it shares `turn` with the one that did. Throws `RuntimeError` if its graph does not
   * follow the contract for `info`.
   */
  constructor(backend: Backend, info: ForwardInfo, { slots, lanes, cells }: ForwardOptions, turn?: Turn) {
    const layers = info.kv.rows.map((_, layer) => layer)
    requireNames('inputs', backend.inputNames, [
      ...REQUIRED_INPUTS,
      ...layers.flatMap((layer) => [`k_cache.${layer}`, `v_cache.${layer}`]),
    ])
    requireNames('outputs', backend.outputNames, [
      'logits',
      ...layers.flatMap((layer) => [`k_cache_out.${layer}`, `v_cache_out.${layer}`]),
    ])
    this.kind = backend.kind
    this.traits = backend.traits
    this.#backend = backend
    this.#turn = turn ?? {}
    this.#isOwner = turn === undefined
    this.#inputs = new PassInputs(backend.inputNames)
    this.info = {
      ...info,
      hasWindows: this.#inputs.hasWindows,
      features: {
        read: this.#inputs.hasFeatures ? info.features.read : 0,
        written: backend.outputNames.includes('hidden') ? info.features.written : 0,
      },
    }
    this.#requireLanes(lanes ?? 1)
    this.#store = backend.newCache(info.kv, { slots, lanes, cells })
    this.cache = new IdleStore(
      this.#store,
      (what, work) => this.#inTurn(what, work),
      (count) => this.#requireLanes(count),
    )
    this.replays = backend.replays ?? null
    this.source = backend.source ? this.#idleSource(backend.source) : null
  }

  async run(input: ForwardInput, output: ForwardOutput): Promise<void> {
    this.#requireIdle('run')
    const { capacity, lanes } = this.#store
    checkInput(input, {
      capacity,
      lanes,
      vocab: this.info.vocab,
      features: this.info.features.read,
      hasWindows: this.#inputs.hasWindows,
    })
    this.#inputs.fill(input, this.#store)
    const pass = {
      inputs: this.#inputs.tensors,
      outputs: this.#outputs(input, output),
      cache: this.#store,
      slots: this.#inputs.slots,
      isFixed: input.isFixed,
    }
    await this.#inTurn('run', () => this.#backend.run(pass))
  }

  withCache(): Forward {
    return new GraphForward(this.#backend, this.info, {}, this.#turn)
  }

  /** Waits for a pass in flight, then frees the cache and, where it is its own, the session. May be called again. */
  dispose(): Promise<void> {
    this.#disposal ??= this.#close()
    return this.#disposal
  }

  async #close(): Promise<void> {
    await this.#turn.inFlight?.catch(() => undefined)
    this.#store.dispose()
    if (this.#isOwner) await this.#backend.dispose()
  }

  #idleSource(source: WeightSource): WeightSource {
    return {
      get counts() {
        return source.counts
      },
      get failure() {
        return source.failure
      },
      recover: () => this.#inTurn('recover', () => source.recover()),
    }
  }

  /** One thing at a time: rejects while another is being done. */
  async #inTurn<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.#requireIdle(what)
    const turn = this.#turn
    turn.what = what
    const inFlight = work().finally(() => {
      turn.inFlight = undefined
    })
    turn.inFlight = inFlight
    return inFlight
  }

  #outputs({ tokens, logitRows }: ForwardInput, { logits, hidden }: ForwardOutput): NamedTensor[] {
    const {
      vocab,
      features: { written: width },
    } = this.info
    this.#logits.data = exactly('logits', logits, logitRows.length * vocab)
    this.#logits.dims = [logitRows.length, vocab]
    if (!hidden) return [this.#logits]
    if (width === 0)
      throw new InvalidArgumentError('hidden', 'this graph has no hidden output; open the model with hidden: true')
    this.#hidden.data = exactly('hidden', hidden, tokens.length * width)
    this.#hidden.dims = [1, tokens.length, width]
    return [this.#logits, this.#hidden]
  }

  #requireLanes(lanes: number): void {
    if (lanes > 1 && !this.#inputs.isGrouped)
      throw new RuntimeError(`this graph serves one sequence at a time, not ${lanes}; import the model for several`)
  }

  #requireIdle(what: string): void {
    if (this.#disposal) throw new SequoiaError('closed', `${what} was called on a model that is closed; open it again`)
    const { inFlight, what: other } = this.#turn
    if (!inFlight) return
    const running = other === 'run' ? 'a pass is running' : `${other} is under way`
    throw new RuntimeError(`${what} was called while ${running}; await its end first`)
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
