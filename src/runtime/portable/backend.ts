/** Runs the graph through onnxruntime-node's own JavaScript API: the same results, but a run blocks the event loop. */
import { RuntimeError } from '../../spec/errors.js'
import type { Backend, Pass } from '../backend.js'
import type { KvCache } from '../kv/kv-cache.js'
import { SESSION_CONFIG } from '../session-config.js'
import type { NamedTensor, TensorData, TensorType } from '../tensor.js'

type Ort = typeof import('onnxruntime-node')
type OrtSession = Awaited<ReturnType<Ort['InferenceSession']['create']>>
type Tensors = Record<string, InstanceType<Ort['Tensor']>>

export class PortableBackend implements Backend {
  readonly kind = 'portable'
  readonly #ort: Ort
  readonly #session: OrtSession

  private constructor(ort: Ort, session: OrtSession) {
    this.#ort = ort
    this.#session = session
  }

  /** Throws `RuntimeError` where onnxruntime-node or the graph does not load. */
  static async open(graphPath: string, threads: number): Promise<PortableBackend> {
    try {
      const ort = await import('onnxruntime-node')
      const session = await ort.InferenceSession.create(graphPath, {
        intraOpNumThreads: threads,
        graphOptimizationLevel: 'all',
        logSeverityLevel: 4,
        enableMemPattern: false,
        extra: SESSION_CONFIG,
      })
      return new PortableBackend(ort, session)
    } catch (cause) {
      throw asRuntimeError(cause)
    }
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames
  }

  /** Outputs given as tensors are written where they lie, so caches stay in place here too. */
  async run({ inputs, outputs, cache, slots }: Pass): Promise<void> {
    const feeds = this.#tensors(inputs)
    const fetches = this.#tensors(outputs)
    this.#addCache(feeds, fetches, cache, slots)
    try {
      await this.#session.run(feeds, fetches)
    } catch (cause) {
      throw asRuntimeError(cause)
    }
  }

  releaseCache(): void {
    // Tensors are made anew for every run; nothing outlives one.
  }

  async dispose(): Promise<void> {
    await this.#session.release()
  }

  #tensors(tensors: readonly NamedTensor[]): Tensors {
    return Object.fromEntries(tensors.map(({ name, type, data, dims }) => [name, this.#tensor(type, data, dims)]))
  }

  #addCache(feeds: Tensors, fetches: Tensors, { keys, values, vType, lanes, rowLength }: KvCache, slots: number): void {
    const dims = [slots, lanes, rowLength]
    const length = slots * lanes * rowLength
    for (let layer = 0; layer < keys.length; layer++) {
      feeds[`k_cache.${layer}`] = fetches[`k_cache_out.${layer}`] = this.#tensor(
        'float32',
        keys[layer].subarray(0, length),
        dims,
      )
      feeds[`v_cache.${layer}`] = fetches[`v_cache_out.${layer}`] = this.#tensor(
        vType,
        values[layer].subarray(0, length),
        dims,
      )
    }
  }

  #tensor(type: TensorType, data: TensorData, dims: readonly number[]): InstanceType<Ort['Tensor']> {
    return new this.#ort.Tensor(type, data, dims)
  }
}

function asRuntimeError(cause: unknown): RuntimeError {
  return new RuntimeError(`ONNX Runtime: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
}
