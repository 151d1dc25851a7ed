/**
 * Runs a model whose weights need not fit into memory: layer by layer through one session that gets each layer's
 * weights as inputs, from memory or from disk (`LayerStream`). One pass reads every streamed layer once, however many
 * rows it has.
 */
import { ModelError, RuntimeError } from '../../spec/errors.js'
import type { Backend, Pass } from '../backend.js'
import { loadOrtApi, type OrtApi } from '../binding/api.js'
import { CPU, type Device } from '../binding/device.js'
import { Session } from '../binding/session.js'
import type { ForwardInfo } from '../forward.js'
import type { NamedTensor } from '../tensor.js'
import { Call } from './call.js'
import { Embeddings } from './embeddings.js'
import { BUFFERS, LayerStream, residentLayers, type StreamCounts } from './layer-stream.js'
import { CopiedWeights, HostMemory, ReadWeights, type LayerWeights } from './layer-weights.js'
import type { StreamedLayout, StreamedModel, TensorPlace } from './layout.js'
import { WatchedFile } from './weight-file.js'

export interface StreamedOptions {
  threads: number
  /** Layers that stay in memory. */
  residentLayers: number
  info: ForwardInfo
  /** Default: the CPU. */
  device?: Device
}

/** A pass whose file changes under it is run again, so often. */
const MOST_RUNS = 3

export class StreamedBackend implements Backend {
  readonly kind = 'streamed'
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
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

  private constructor(parts: Parts) {
    this.#hidden = parts.info.hidden
    this.#steps = parts.layout.layers.map(({ steps }) => {
      const all = Float32Array.from(steps)
      return parts.layout.stepNames.map((name, i) => ({
        name,
        type: 'float32',
        data: all.subarray(i, i + 1),
        dims: [],
      }))
    })
    this.#file = parts.file
    this.#embeddings = parts.embeddings
    this.#stream = parts.stream
    this.#layer = new Call(
      parts.api,
      parts.layer,
      parts.layout.tensors.map(({ name }) => name),
    )
    this.#head = new Call(parts.api, parts.head, [])
    this.#weights = parts.weights
    const layers = parts.layout.layers.map((_, layer) => layer)
    const own = parts.layer.inputNames.filter((name) =>
      ['position_ids', 'cache_index', 'mask', 'group_rows', 'ungroup_rows'].includes(name),
    )
    this.inputNames = [
      'input_ids',
      'logit_rows',
      ...own,
      ...layers.flatMap((layer) => [`k_cache.${layer}`, `v_cache.${layer}`]),
    ]
    this.outputNames = [
      ...parts.head.outputNames,
      ...layers.flatMap((layer) => [`k_cache_out.${layer}`, `v_cache_out.${layer}`]),
    ]
  }

  /**
   * Throws `RuntimeError` where the C API cannot be had or a graph does not load, `ModelError` where the weights are
   * not what import wrote.
   */
  static async open(
    { layerGraph, headGraph, uploadGraph, weights: path, layout }: StreamedModel,
    options: StreamedOptions,
  ): Promise<StreamedBackend> {
    const api = await loadOrtApi()
    const { info, threads, device = CPU } = options
    const opened: (() => unknown)[] = []
    try {
      const file = await WatchedFile.open(path)
      opened.push(() => file.close())
      const layer = await Session.open(api, layerGraph, threads, await keptTensors(file, layout.kept.layer), device)
      opened.push(() => layer.dispose())
      const head = await Session.open(api, headGraph, threads, await keptTensors(file, layout.kept.head), device)
      opened.push(() => head.dispose())
      const residents = residentLayers(info.layers, options.residentLayers)
      const upload = device.isApart ? await Session.open(api, uploadGraph!, threads, [], device) : null
      opened.push(() => upload?.dispose())
      const host = new HostMemory(
        api,
        device,
        layer,
        layout,
        residents.size + Math.min(BUFFERS, info.layers - residents.size),
      )
      opened.push(() => host.dispose())
      const embeddings = await Embeddings.open(file, layout.embedding, info.vocab, info.hidden)
      const stream = await LayerStream.open({ file, layout, residents, memory: host.memory })
      const read = new ReadWeights(stream, host)
      const weights = upload ? new CopiedWeights(read, { api, device, layout, session: upload }) : read
      return new StreamedBackend({ api, layout, info, file, embeddings, stream, layer, head, weights })
    } catch (error) {
      for (const close of opened.reverse()) await close()
      throw error
    }
  }

  get reads(): StreamCounts {
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
      for (let layer = 0; layer < this.#steps.length; layer++) {
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

  async run(pass: Pass): Promise<void> {
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

  async #runOnce({ inputs, outputs, cache, slots }: Pass): Promise<void> {
    const tokens = inputs.find(({ name }) => name === 'input_ids')!.data as BigInt64Array
    const n = tokens.length
    this.#makeRoom(n)
    await this.#embeddings.read(tokens, this.#before)
    const dims = [slots, cache.lanes, cache.rowLength]
    const length = slots * cache.lanes * cache.rowLength
    for (let layer = 0; layer < this.#steps.length; layer++) {
      const k = { type: 'float32', data: cache.keys[layer].subarray(0, length), dims } as const
      const v = { type: cache.vType, data: cache.values[layer].subarray(0, length), dims } as const
      const weights = await this.#weights.take(layer)
      await this.#layer.run(
        [
          this.#rows('x', this.#before, n),
          ...inputs,
          { name: 'k_cache', ...k },
          { name: 'v_cache', ...v },
          ...this.#steps[layer],
        ],
        [this.#rows('x_out', this.#after, n), { name: 'k_cache_out', ...k }, { name: 'v_cache_out', ...v }],
        weights,
      )
      this.#weights.giveBack(layer)
      ;[this.#before, this.#after] = [this.#after, this.#before]
    }
    const wantsNothing = outputs.length === 1 && outputs[0].data.length === 0
    if (!wantsNothing) await this.#head.run([this.#rows('x', this.#before, n), ...inputs], outputs)
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

  releaseCache(): void {
    this.#layer.release()
  }

  async dispose(): Promise<void> {
    await this.#weights.stop()
    await this.#file.close()
    this.#weights.dispose()
    this.#layer.dispose()
    this.#head.dispose()
  }
}

interface Parts {
  api: OrtApi
  layout: StreamedLayout
  info: ForwardInfo
  file: WatchedFile
  embeddings: Embeddings
  stream: LayerStream
  layer: Session
  head: Session
  weights: LayerWeights
}

/**
 * Read, not mapped: a session that touched a mapped page of a file cut short would end the process. What it packs as it
 * opens, it maps no longer.
 */
async function keptTensors(file: WatchedFile, places: readonly TensorPlace[]): Promise<NamedTensor[]> {
  return Promise.all(
    places.map(async ({ name, type, dims, at, bytes }) => {
      const data = new Uint8Array(bytes)
      await file.readAnywhere(data, at)
      return { name, type, data, dims }
    }),
  )
}
