/**
 * Runs the graph through ONNX Runtime's C API: off the event loop, caches and logits in place, bindings kept between
 * passes.
 */
import type { Backend, Pass } from '../backend.js'
import type { KvCache } from '../kv/kv-cache.js'
import type { NamedTensor } from '../tensor.js'
import { loadOrtApi, type OrtApi } from './api.js'
import { Session } from './session.js'
import { BoundValue, createValue, NameTable } from './values.js'

/** Cache bindings are kept for this many different lengths; a conversation crosses a block every few passes. */
const KEPT_LENGTHS = 32

export class BindingBackend implements Backend {
  readonly kind = 'binding'
  readonly #api: OrtApi
  readonly #session: Session
  readonly #bound = new Map<string, BoundValue>()
  /** Of each cache, slots: OrtValues of k_cache.0, v_cache.0, k_cache.1, ... least recently used first. */
  readonly #cacheValues = new Map<KvCache, Map<number, BigUint64Array>>()
  /** Number of outputs: the call that asks for them. */
  readonly #calls = new Map<number, Call>()

  private constructor(api: OrtApi, session: Session) {
    this.#api = api
    this.#session = session
  }

  /** Throws `RuntimeError` where the C API cannot be had or the graph does not load. */
  static async open(graphPath: string, threads: number): Promise<BindingBackend> {
    const api = await loadOrtApi()
    return new BindingBackend(api, await Session.open(api, graphPath, threads))
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames
  }

  async run({ inputs, outputs, cache, slots }: Pass): Promise<void> {
    const call = this.#callFor(inputs, outputs, cache)
    const caches = this.#bindCache(cache, slots)
    this.#bind(call.inputs, inputs, caches)
    this.#bind(call.outputs, outputs, caches)
    await this.#session.run(call.inputNames, call.inputs, call.outputNames, call.outputs)
  }

  releaseCache(cache: KvCache): void {
    for (const values of this.#cacheValues.get(cache)?.values() ?? []) this.#releaseValues(values)
    this.#cacheValues.delete(cache)
  }

  async dispose(): Promise<void> {
    for (const cache of this.#cacheValues.keys()) this.releaseCache(cache)
    for (const value of this.#bound.values()) value.dispose()
    this.#bound.clear()
    this.#session.dispose()
  }

  /** The call for these outputs (with or without hidden states); its arrays are reused. */
  #callFor(inputs: readonly NamedTensor[], outputs: readonly NamedTensor[], cache: KvCache): Call {
    const key = outputs.length
    const known = this.#calls.get(key)
    if (known) return known
    const layers = cache.keys.map((_, layer) => layer)
    const inputNames = [
      ...inputs.map(({ name }) => name),
      ...layers.flatMap((layer) => [`k_cache.${layer}`, `v_cache.${layer}`]),
    ]
    const outputNames = [
      ...outputs.map(({ name }) => name),
      ...layers.flatMap((layer) => [`k_cache_out.${layer}`, `v_cache_out.${layer}`]),
    ]
    const call = {
      inputNames: new NameTable(this.#api, inputNames),
      inputs: new BigUint64Array(inputNames.length),
      outputNames: new NameTable(this.#api, outputNames),
      outputs: new BigUint64Array(outputNames.length),
    }
    this.#calls.set(key, call)
    return call
  }

  /** Writes the addresses of `tensors`, then of the caches, into `values`. */
  #bind(values: BigUint64Array, tensors: readonly NamedTensor[], caches: BigUint64Array): void {
    tensors.forEach(({ name, type, data, dims }, index) => {
      let bound = this.#bound.get(name)
      if (!bound) this.#bound.set(name, (bound = new BoundValue(this.#api, type)))
      values[index] = bound.bind(data, dims)
    })
    values.set(caches, tensors.length)
  }

  #bindCache(cache: KvCache, slots: number): BigUint64Array {
    let bySlots = this.#cacheValues.get(cache)
    if (!bySlots) this.#cacheValues.set(cache, (bySlots = new Map()))
    const values = bySlots.get(slots) ?? this.#createCacheValues(cache, slots)
    bySlots.delete(slots)
    bySlots.set(slots, values)
    if (bySlots.size > KEPT_LENGTHS) {
      const [oldest, released] = bySlots.entries().next().value as [number, BigUint64Array]
      this.#releaseValues(released)
      bySlots.delete(oldest)
    }
    return values
  }

  #createCacheValues({ keys, values, vType, lanes, rowLength }: KvCache, slots: number): BigUint64Array {
    const dims = [slots, lanes, rowLength]
    const length = slots * lanes * rowLength
    return BigUint64Array.from(
      keys.flatMap((key, layer) => [
        createValue(this.#api, 'float32', key.subarray(0, length), dims),
        createValue(this.#api, vType, values[layer].subarray(0, length), dims),
      ]),
    )
  }

  #releaseValues(values: BigUint64Array): void {
    for (const value of values) this.#api.release('ReleaseValue', value)
  }
}

/** The arguments of one run. */
interface Call {
  inputNames: NameTable
  inputs: BigUint64Array
  outputNames: NameTable
  outputs: BigUint64Array
}
