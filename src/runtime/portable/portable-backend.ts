/** Runs the graph through onnxruntime-node's own JavaScript API: the same results, but a run blocks the event loop. */
import { RuntimeError } from '../../spec/errors.js'
import { IN_MEMORY, type Backend, type Pass } from '../backend.js'
import { HostKvStore } from '../kv/host.js'
import type { CacheSize, KvShape, KvStore } from '../kv/store.js'
import { loadOnnxRuntime, type OnnxRuntime } from '../onnxruntime.js'
import { SESSION_CONFIG } from '../session-config.js'
import type { NamedTensor, TensorView } from '../tensor.js'

type OrtSession = Awaited<ReturnType<OnnxRuntime['InferenceSession']['create']>>
type Tensor = InstanceType<OnnxRuntime['Tensor']>
type Tensors = Record<string, Tensor>

export class PortableBackend implements Backend<Tensor> {
  readonly kind = 'portable'
  readonly traits = IN_MEMORY
  readonly #ort: OnnxRuntime
  readonly #session: OrtSession

  private constructor(ort: OnnxRuntime, session: OrtSession) {
    this.#ort = ort
    this.#session = session
  }

  /** Throws `RuntimeError` where onnxruntime-node or the graph does not load. */
  static async open(graphPath: string, threads: number): Promise<PortableBackend> {
    try {
      const ort = await loadOnnxRuntime()
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
  async run({ inputs, outputs, cache, slots }: Pass<Tensor>): Promise<void> {
    const feeds = this.#tensors(inputs)
    const fetches = this.#tensors(outputs)
    for (let layer = 0; layer < cache.shape.rows.length; layer++) {
      const { k, v } = cache.bind(layer, slots)
      feeds[`k_cache.${layer}`] = fetches[`k_cache_out.${layer}`] = k
      feeds[`v_cache.${layer}`] = fetches[`v_cache_out.${layer}`] = v
    }
    try {
      await this.#session.run(feeds, fetches)
    } catch (cause) {
      throw asRuntimeError(cause)
    }
  }

  newCache(shape: KvShape, size: CacheSize): KvStore<Tensor> {
    return new HostKvStore(shape, size, { bind: (view) => this.#tensor(view), release: () => undefined })
  }

  async dispose(): Promise<void> {
    await this.#session.release()
  }

  #tensors(tensors: readonly NamedTensor[]): Tensors {
    return Object.fromEntries(tensors.map((tensor) => [tensor.name, this.#tensor(tensor)]))
  }

  #tensor({ type, data, dims }: TensorView): Tensor {
    return new this.#ort.Tensor(type, data, dims)
  }
}

function asRuntimeError(cause: unknown): RuntimeError {
  return new RuntimeError(`ONNX Runtime: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
}
