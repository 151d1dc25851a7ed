/**
 * Runs the graph through ONNX Runtime's C API: off the event loop, caches and logits in place, bindings kept between
 * passes.
 */
import { IN_MEMORY, type Backend, type Pass } from '../backend.js'
import { HostKvStore } from '../kv/host.js'
import type { CacheSize, KvShape, KvStore } from '../kv/store.js'
import type { NamedTensor } from '../tensor.js'
import { loadOrtApi, type OrtApi, type Pointer } from './api.js'
import { Session } from './session.js'
import { BoundValue, cpuBinder, NameTable } from './values.js'

export class BindingBackend implements Backend<Pointer> {
  readonly kind = 'binding'
  readonly traits = IN_MEMORY
  readonly #api: OrtApi
  readonly #session: Session
  readonly #bound = new Map<string, BoundValue>()
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

  newCache(shape: KvShape, size: CacheSize): KvStore<Pointer> {
    return new HostKvStore(shape, size, cpuBinder(this.#api))
  }

  async run({ inputs, outputs, cache, slots }: Pass<Pointer>): Promise<void> {
    const call = this.#callFor(inputs, outputs, cache.shape.rows.length)
    this.#bind(call.inputs, inputs)
    this.#bind(call.outputs, outputs)
    for (let layer = 0; layer < cache.shape.rows.length; layer++) {
      const { k, v } = cache.bind(layer, slots)
      const [input, output] = [inputs.length + 2 * layer, outputs.length + 2 * layer]
      call.inputs[input] = call.outputs[output] = k
      call.inputs[input + 1] = call.outputs[output + 1] = v
    }
    await this.#session.run(call.inputNames, call.inputs, call.outputNames, call.outputs)
  }

  async dispose(): Promise<void> {
    for (const value of this.#bound.values()) value.dispose()
    this.#bound.clear()
    this.#session.dispose()
  }

  /** The call for these outputs (with or without hidden states); its arrays are reused. */
  #callFor(inputs: readonly NamedTensor[], outputs: readonly NamedTensor[], layerCount: number): Call {
    const key = outputs.length
    const known = this.#calls.get(key)
    if (known) return known
    const layers = Array.from({ length: layerCount }, (_, layer) => layer)
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

  /** Writes the addresses of `tensors` into `values`. */
  #bind(values: BigUint64Array, tensors: readonly NamedTensor[]): void {
    tensors.forEach(({ name, type, data, dims }, index) => {
      let bound = this.#bound.get(name)
      if (!bound) this.#bound.set(name, (bound = new BoundValue(this.#api, type)))
      values[index] = bound.bind(data, dims)
    })
  }
}

/** The arguments of one run. */
interface Call {
  inputNames: NameTable
  inputs: BigUint64Array
  outputNames: NameTable
  outputs: BigUint64Array
}
