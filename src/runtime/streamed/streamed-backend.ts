/**
 * Runs a model whose weights need not fit into memory: layer by layer through one session that gets each layer's
 * weights as inputs, from memory or from disk (`LayerStream`). One pass reads every streamed layer once, however many
 * rows it has.
 */
import { ModelError, RuntimeError } from '../../spec/errors.js'
import type { Backend, BackendTraits, Pass, WeightSource } from '../backend.js'
import type { OrtApi, Pointer } from '../binding/api.js'
import { cpuBinder } from '../binding/ort-values.js'
import { HostKvStore } from '../kv/host.js'
import type { CacheSize, KvShape, KvStore } from '../kv/store.js'
import type { NamedTensor } from '../tensor.js'
import { Call } from './session-call.js'
import type { Embeddings } from './embeddings.js'
import type { LayerStream, StreamCounts } from './layer-stream.js'
import type { LayerWeights } from './layer-weights.js'
import { tapInput, tappedLayers, type StreamedLayout, type StreamedModel } from './layout.js'
import { openParts, type StreamedOptions, type StreamedParts } from './open-parts.js'
import type { WatchedFile } from './watched-file.js'

/** A pass whose file changes under it is run again, so often. */
const MOST_RUNS = 3
/** What of a pass's inputs the layer graph may have; embeddings and head take the others. */
const LAYER_INPUTS = ['position_ids', 'cache_index', 'mask', 'slot_positions', 'group_rows', 'ungroup_rows']

export class StreamedBackend implements Backend<Pointer>, WeightSource {
  readonly kind = 'streamed'
  /** The disk takes as long whatever the rows. */
  readonly traits: BackendTraits = { rowsPerPass: Infinity, isSlow: true, isWide: true }
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  readonly #api: OrtApi
  readonly #hidden: number
  /** [layers] the layer graph's static steps. */
  readonly #steps: NamedTensor[][]
  readonly #file: WatchedFile
  readonly #embeddings: Embeddings
  readonly #stream: LayerStream
  readonly #layer: Call
  readonly #head: Call
  readonly #weights: LayerWeights
  /** Whether the file has to be compared with its checksums again. */
  #isSuspect = false
  #failure: Error | null = null
  /** [n, hidden] the stream before a layer, and after it. */
  #before = new Float32Array(0)
  #after = new Float32Array(0)
  /** By layer (-1: the embeddings), its output where the head reads it: [n, hidden]. */
  readonly #taps: Map<number, Float32Array>

  private constructor({ api, layout, info, file, embeddings, stream, layer, head, weights }: StreamedParts) {
    this.#api = api
    this.#hidden = info.hidden
    this.#steps = layout.layers.map(({ steps }) => stepTensors(layout, steps))
    this.#file = file
    this.#embeddings = embeddings
    this.#stream = stream
    const weightNames = layout.tensors.map(({ name }) => name)
    this.#layer = new Call(api, layer, weightNames)
    this.#head = new Call(api, head, null)
    this.#weights = weights
    this.#taps = new Map(tappedLayers(head.inputNames).map((layer) => [layer, new Float32Array(0)]))
    const layers = layout.layers.map((_, at) => at)
    this.inputNames = [
      'input_ids',
      'logit_rows',
      ...layer.inputNames.filter((name) => LAYER_INPUTS.includes(name)),
      ...layers.flatMap((at) => [`k_cache.${at}`, `v_cache.${at}`]),
    ]
    this.outputNames = [...head.outputNames, ...layers.flatMap((at) => [`k_cache_out.${at}`, `v_cache_out.${at}`])]
  }

  /** Throws what `openParts` throws. */
  static async open(model: StreamedModel, options: StreamedOptions): Promise<StreamedBackend> {
    return new StreamedBackend(await openParts(model, options))
  }

  get source(): WeightSource {
    return this
  }

  get counts(): StreamCounts {
    return this.#stream.counts
  }

  get failure(): Error | null {
    return this.#failure
  }

  /** Reads every layer that is streamed and compares it with its checksum. */
  async recover(): Promise<Error | null> {
    if (!this.#failure) return null
    try {
      await this.#beginAnew()
      for (const layer of this.#stream.layers) {
        await this.#stream.take(layer)
        this.#stream.giveBack(layer)
      }
      this.#isSuspect = false
      this.#failure = null
    } catch (error) {
      await this.#weights.stop()
      this.#failure = error as Error
    }
    return this.#failure
  }

  newCache(shape: KvShape, size: CacheSize): KvStore<Pointer> {
    return new HostKvStore(shape, size, cpuBinder(this.#api))
  }

  async run(pass: Pass<Pointer>): Promise<void> {
    for (let runs = 1; ; runs++) {
      try {
        if (this.#isSuspect) await this.#beginAnew()
        const failure = await this.#runOnce(pass).then(
          () => null,
          (error: Error) => error,
        )
        // Layers are read ahead: neither bits nor a failure say anything of a file that has changed since.
        this.#isSuspect = await this.#file.hasChanged()
        if (!this.#isSuspect) {
          if (failure) throw failure
          this.#failure = null
          return
        }
        if (runs === MOST_RUNS)
          throw new RuntimeError(
            `${this.#file.path} is being written to while the model runs; let it be, or import the model again`,
          )
      } catch (error) {
        this.#isSuspect = true
        if (error instanceof ModelError) this.#failure = error
        throw error
      } finally {
        if (this.#isSuspect) await this.#weights.stop()
      }
    }
  }

  /** What the file holds now is compared with its checksums, the layers as they are read. */
  async #beginAnew(): Promise<void> {
    await this.#file.hasChanged()
    await this.#embeddings.load()
    this.#stream.restart()
  }

  async #runOnce({ inputs, outputs, cache, slots }: Pass<Pointer>): Promise<void> {
    const tokens = inputs.find(({ name }) => name === 'input_ids')!.data as BigInt64Array
    const n = tokens.length
    this.#makeRoom(n)
    await this.#embeddings.read(tokens, this.#before)
    this.#tap(-1, n)
    for (let layer = 0; layer < this.#steps.length; layer++) {
      const weights = await this.#weights.take(layer)
      await this.#layer.run(
        [this.#rows('x', this.#before, n), ...inputs, ...this.#steps[layer]],
        [this.#rows('x_out', this.#after, n)],
        { weights, cache: cache.bind(layer, slots) },
      )
      this.#weights.giveBack(layer)
      ;[this.#before, this.#after] = [this.#after, this.#before]
      this.#tap(layer, n)
    }
    const wantsNothing = outputs.length === 1 && outputs[0].data.length === 0
    if (wantsNothing) return
    const taps = [...this.#taps].map(([layer, data]) => this.#rows(tapInput(layer), data, n))
    await this.#head.run([this.#rows('x', this.#before, n), ...taps, ...inputs], outputs)
  }

  /** Keeps a layer's output where the head reads it. */
  #tap(layer: number, n: number): void {
    const kept = this.#taps.get(layer)
    if (!kept) return
    const output = this.#before.subarray(0, n * this.#hidden)
    if (kept.length >= output.length) kept.set(output)
    else this.#taps.set(layer, output.slice())
  }

  #makeRoom(rows: number): void {
    const length = rows * this.#hidden
    if (this.#before.length >= length) return
    this.#before = new Float32Array(length)
    this.#after = new Float32Array(length)
  }

  #rows(name: string, data: Float32Array, n: number): NamedTensor {
    return { name, type: 'float32', data: data.subarray(0, n * this.#hidden), dims: [1, n, this.#hidden] }
  }

  async dispose(): Promise<void> {
    await this.#weights.stop()
    await this.#file.close()
    this.#weights.dispose()
    this.#layer.dispose()
    this.#head.dispose()
  }
}

/** A layer's static steps, scalars by the names of the graph's inputs. */
function stepTensors({ stepNames }: StreamedLayout, steps: readonly number[]): NamedTensor[] {
  const all = Float32Array.from(steps)
  return stepNames.map((name, i) => ({ name, type: 'float32', data: all.subarray(i, i + 1), dims: [] }))
}
