/**
 * Runs the graph through ONNX Runtime's C API: off the event loop, caches and logits in place, bindings kept between
 * passes. On a device that is apart, weights and K/V rows lie in its memory; ids, places and masks go over with each
 * pass, and logits and hidden states come back.
 */
import { IN_MEMORY, ON_DEVICE, type Backend, type BackendTraits, type Pass } from '../backend.js'
import { DeviceMemory } from '../device/memory.js'
import { requirePlacement } from '../device/placement.js'
import { ReplayedPasses } from '../device/replayed-passes.js'
import { DeviceKvStore } from '../kv/device.js'
import { HostKvStore } from '../kv/host.js'
import type { CacheSize, KvShape, KvStore } from '../kv/store.js'
import type { NamedTensor } from '../tensor.js'
import { loadOrtApi, type OrtApi, type Pointer } from './api.js'
import { CPU, type Device } from './device.js'
import { Session } from './session.js'
import { BoundValue, cpuBinder, NameTable } from './ort-values.js'

export class BindingBackend implements Backend<Pointer> {
  readonly kind = 'binding'
  readonly traits: BackendTraits
  /** Of a device that is apart; null: any memory will do. */
  readonly memory: DeviceMemory | null
  /** Where passes are replayed. */
  readonly replays?: ReplayedPasses
  readonly #api: OrtApi
  readonly #session: Session
  readonly #bound = new Map<string, BoundValue>()
  /** Number of outputs: the call that asks for them. */
  readonly #calls = new Map<number, Call>()

  private constructor(api: OrtApi, session: Session, memory: DeviceMemory | null, replays = false) {
    this.#api = api
    this.#session = session
    this.memory = memory
    this.traits = memory ? ON_DEVICE : IN_MEMORY
    if (memory && replays) this.replays = new ReplayedPasses(api, memory)
  }

  /**
   * `replays`: whether passes of fixed shapes are replayed. Throws `RuntimeError` where the C API or the device cannot
   * be had, where the graph does not load, or where the device does not compute all of it.
   */
  static async open(
    graphPath: string,
    threads: number,
    device: Device = CPU,
    replays = false,
  ): Promise<BindingBackend> {
    const api = await loadOrtApi(device.library())
    const at = replays ? (device.replaying ?? device) : device
    const session = await Session.open(api, graphPath, threads, [], at)
    try {
      if (!device.isApart) return new BindingBackend(api, session, null)
      requirePlacement(session.placement, device.provider, graphPath)
      return new BindingBackend(api, session, await DeviceMemory.open(api, device), at !== device)
    } catch (error) {
      session.dispose()
      throw error
    }
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames
  }

  newCache(shape: KvShape, size: CacheSize): KvStore<Pointer> {
    if (this.memory) return new DeviceKvStore(shape, size, this.memory)
    return new HostKvStore(shape, size, cpuBinder(this.#api))
  }

  async run(pass: Pass<Pointer>): Promise<void> {
    const { inputs, outputs, cache, slots } = pass
    if (cache instanceof DeviceKvStore) await cache.prepare()
    const call = this.#callFor(inputs, outputs, cache.shape.rows.length)
    const replay = cache instanceof DeviceKvStore ? await this.replays?.of(pass, cache) : undefined
    if (replay) {
      call.inputs.set(replay.inputs)
      call.outputs.set(replay.outputs)
      await replay.send(inputs)
    } else {
      this.#bind(call.inputs, inputs)
      this.#bind(call.outputs, outputs)
    }
    for (let layer = 0; layer < cache.shape.rows.length; layer++) {
      const { k, v } = cache.bind(layer, slots)
      const [input, output] = [inputs.length + 2 * layer, outputs.length + 2 * layer]
      call.inputs[input] = call.outputs[output] = k
      call.inputs[input + 1] = call.outputs[output + 1] = v
    }
    const options = replay?.options ?? this.replays?.afresh
    await this.#session.run(call.inputNames, call.inputs, call.outputNames, call.outputs, options)
    await replay?.fetch(outputs)
  }

  async dispose(): Promise<void> {
    for (const value of this.#bound.values()) value.dispose()
    this.#bound.clear()
    this.replays?.dispose()
    this.memory?.dispose()
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
