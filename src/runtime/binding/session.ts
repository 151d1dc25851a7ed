/** One ONNX Runtime session over the C API: its names in graph order, and a run over arrays of bound values. */
import { placementOf, RECORD_PLACEMENT, type PlacedNode } from '../device/placement.js'
import { SESSION_CONFIG } from '../session-config.js'
import type { NamedTensor } from '../tensor.js'
import type { OrtApi, Pointer } from './api.js'
import { CPU, type Device, type MemoryKind } from './device.js'
import { createValue, type NameTable } from './ort-values.js'

const GRAPH_OPTIMIZATION_ALL = 99
/** Errors are thrown to the caller; they need not go to stderr as well. */
const LOG_FATAL = 4

/** A weight given from memory, and its OrtValue: both live as long as the session. */
interface Initializer {
  tensor: NamedTensor
  value: Pointer
}

export class Session {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  readonly #api: OrtApi
  readonly #initializers: readonly Initializer[]
  #pointer: Pointer

  private constructor(api: OrtApi, pointer: Pointer, initializers: readonly Initializer[]) {
    this.#api = api
    this.#pointer = pointer
    this.#initializers = initializers
    this.inputNames = this.#names('SessionGetInputCount', 'SessionGetInputName')
    this.outputNames = this.#names('SessionGetOutputCount', 'SessionGetOutputName')
  }

  /**
   * Loads and optimizes a graph, of a file or by its bytes, on a worker thread. `initializers` stand for the weights of
   * their names, which the session then does not map from the weight file for as long as it lives. Throws
   * `RuntimeError` with ONNX Runtime's reason.
   */
  static async open(
    api: OrtApi,
    graph: string | Uint8Array,
    threads: number,
    initializers: readonly NamedTensor[] = [],
    device: Device = CPU,
  ): Promise<Session> {
    const options = api.create('CreateSessionOptions', [])
    const out = new BigUint64Array(1)
    const given: Initializer[] = []
    try {
      api.call('SetSessionLogSeverityLevel', options, LOG_FATAL)
      api.call('SetSessionGraphOptimizationLevel', options, GRAPH_OPTIMIZATION_ALL)
      api.call('SetIntraOpNumThreads', options, threads)
      // Memory patterns are kept for every combination of input shapes, and ours change from pass to pass.
      api.call('DisableMemPattern', options)
      for (const [key, value] of Object.entries(SESSION_CONFIG)) api.call('AddSessionConfigEntry', options, key, value)
      if (device.isApart) api.call('AddSessionConfigEntry', options, RECORD_PLACEMENT, '1')
      device.addTo(api, options)
      for (const tensor of initializers) {
        const value = createValue(api, tensor.type, tensor.data, tensor.dims)
        given.push({ tensor, value })
        api.call('AddInitializer', options, tensor.name, value)
      }
      if (typeof graph === 'string') await api.callAsync('CreateSession', api.env, graph, options, api.address(out))
      else
        await api.callAsync(
          'CreateSessionFromArray',
          api.env,
          api.address(graph),
          graph.length,
          options,
          api.address(out),
        )
      return new Session(api, out[0], given)
    } catch (error) {
      for (const { value } of given) api.release('ReleaseValue', value)
      throw error
    } finally {
      api.release('ReleaseSessionOptions', options)
    }
  }

  /**
   * One run, off the event loop. `inputs` and `outputs` are OrtValue addresses in the order of the names (`outputs` may
   * stop short of them). The caller keeps all that they point to alive and untouched until the promise settles.
   * `options`: run options, 0n for none.
   */
  run(
    inputNames: NameTable,
    inputs: BigUint64Array,
    outputNames: NameTable,
    outputs: BigUint64Array,
    options: Pointer = 0n,
  ): Promise<void> {
    const api = this.#api
    return api.callAsync(
      'Run',
      this.#pointer,
      options,
      inputNames.address,
      api.address(inputs),
      inputs.length,
      outputNames.address,
      outputs.length,
      api.address(outputs),
    )
  }

  /** Where its nodes compute, for sessions of devices that are apart. */
  get placement(): PlacedNode[] {
    return placementOf(this.#api, this.#pointer)
  }

  /** An allocator of one of the memories that the session computes in or beside. */
  allocator([name, ...kind]: MemoryKind): Pointer {
    const info = this.#api.create('CreateMemoryInfo', [name, ...kind])
    try {
      return this.#api.create('CreateAllocator', [this.#pointer, info])
    } finally {
      this.#api.release('ReleaseMemoryInfo', info)
    }
  }

  dispose(): void {
    this.#api.release('ReleaseSession', this.#pointer)
    this.#pointer = 0n
    for (const { value } of this.#initializers) this.#api.release('ReleaseValue', value)
  }

  #names(
    count: 'SessionGetInputCount' | 'SessionGetOutputCount',
    name: 'SessionGetInputName' | 'SessionGetOutputName',
  ): string[] {
    const api = this.#api
    return Array.from({ length: Number(api.create(count, [this.#pointer])) }, (_, index) => {
      const text = api.create(name, [this.#pointer, index, api.allocator])
      const string = api.readString(text)
      api.call('AllocatorFree', api.allocator, text)
      return string
    })
  }
}
