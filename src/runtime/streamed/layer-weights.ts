/**
 * A layer's weights as values to compute with. On a CPU they lie where they were read to. A GPU has copies of its own,
 * two layers' worth: one computes while the next is copied, so that disk, bus and GPU are busy at a time. Layers
 * that it has room for besides stay there.
 */
import type { OrtApi, Pointer } from '../binding/api.js'
import type { Device } from '../binding/device.js'
import type { Session } from '../binding/session.js'
import { createValue } from '../binding/ort-values.js'
import { bytesToPage, pageAligned } from './aligned.js'
import type { DeviceLayers } from './device-layers.js'
import type { LayerStream } from './layer-stream.js'
import { DIRECT_ALIGNMENT, type StreamedLayout } from './layout.js'

/** Layers are taken in ascending order, over and over, and given back before the next is taken. */
export interface LayerWeights {
  /** OrtValues in the order of the layout's tensors. Throws what reading them throws. */
  take(layer: number): Promise<BigUint64Array>
  giveBack(layer: number): void
  /** Resolves when nothing is read for a layer not yet taken; the next to be taken is the first. */
  stop(): Promise<void>
  dispose(): void
}

/** Memory that layers are read into, and the values over it. */
export class HostMemory {
  /** Page-aligned, of one layer's bytes each. */
  readonly memory: Uint8Array[] = []
  readonly #api: OrtApi
  readonly #values = new Map<Uint8Array, BigUint64Array>()
  /** Of pinned memory: its allocator, and what it gave. */
  readonly #allocator: Pointer = 0n
  readonly #allocated: Pointer[] = []
  readonly #info: Pointer = 0n

  /** `session`: one that computes on the device, which has the memory beside it to give. */
  constructor(api: OrtApi, device: Device, session: Session, { layerBytes, tensors }: StreamedLayout, count: number) {
    this.#api = api
    if (device.memory) {
      this.#allocator = session.allocator(device.memory.host)
      this.#info = api.create('CreateMemoryInfo', [...device.memory.host])
    }
    for (let i = 0; i < count; i++) {
      const bytes = this.#allocator === 0n ? pageAligned(api, layerBytes) : this.#pinned(layerBytes)
      this.memory.push(bytes)
      this.#values.set(
        bytes,
        BigUint64Array.from(tensors, ({ type, dims, at, bytes: size }) =>
          createValue(api, type, bytes.subarray(at, at + size), dims, this.#info || api.cpu),
        ),
      )
    }
  }

  valuesOf(memory: Uint8Array): BigUint64Array {
    return this.#values.get(memory)!
  }

  dispose(): void {
    const api = this.#api
    for (const values of this.#values.values()) for (const value of values) api.release('ReleaseValue', value)
    for (const address of this.#allocated) api.call('AllocatorFree', this.#allocator, address)
    api.release('ReleaseMemoryInfo', this.#info)
    api.release('ReleaseAllocator', this.#allocator)
  }

  #pinned(bytes: number): Uint8Array {
    const address = this.#api.create('AllocatorAlloc', [this.#allocator, bytes + DIRECT_ALIGNMENT])
    this.#allocated.push(address)
    return new Uint8Array(this.#api.view(address, bytes + DIRECT_ALIGNMENT), bytesToPage(address), bytes)
  }
}

/** As they were read. */
export class ReadWeights implements LayerWeights {
  constructor(
    private readonly stream: LayerStream,
    private readonly host: HostMemory,
  ) {}

  async take(layer: number): Promise<BigUint64Array> {
    return this.host.valuesOf(await this.stream.take(layer))
  }

  giveBack(layer: number): void {
    this.stream.giveBack(layer)
  }

  async stop(): Promise<void> {
    await this.stream.stop()
  }

  dispose(): void {
    this.host.dispose()
  }
}

/** Copied to where they compute, a layer ahead, but for those that stay there. */
export class CopiedWeights implements LayerWeights {
  readonly #read: ReadWeights
  readonly #device: DeviceLayers
  /** Layers that are copied for each pass, ascending. */
  readonly #passing: readonly number[]
  readonly #sets: BigUint64Array[]
  /** The set that is copied to next: the other one computes. */
  #turn = 0
  #next: Promise<BigUint64Array> | null = null

  /** Takes over both. Throws `RuntimeError` where the device has no room for two layers. */
  constructor(read: ReadWeights, device: DeviceLayers, layers: number) {
    this.#read = read
    this.#device = device
    this.#passing = Array.from({ length: layers }, (_, layer) => layer).filter((layer) => !device.kept.has(layer))
    this.#sets = [0, 1].map(() => device.take())
  }

  async take(layer: number): Promise<BigUint64Array> {
    const kept = this.#device.kept.get(layer)
    if (kept) return kept
    const values = await (this.#next ?? this.#fill(layer))
    const next = (this.#passing.indexOf(layer) + 1) % this.#passing.length
    this.#next = this.#fill(this.#passing[next])
    // Told to whom takes it; until then nobody listens.
    this.#next.catch(() => undefined)
    return values
  }

  giveBack(): void {
    // The copy is overwritten once the layer after the next is copied; what it was read into was given back before.
  }

  async stop(): Promise<void> {
    await this.#next?.catch(() => undefined)
    this.#next = null
    await this.#read.stop()
  }

  dispose(): void {
    this.#device.dispose()
    this.#read.dispose()
  }

  async #fill(layer: number): Promise<BigUint64Array> {
    const values = this.#sets[this.#turn]
    await this.#device.copy(await this.#read.take(layer), values)
    this.#read.giveBack(layer)
    this.#turn = 1 - this.#turn
    return values
  }
}
