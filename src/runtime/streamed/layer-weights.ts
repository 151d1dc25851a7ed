/**
 * A layer's weights as values to compute with. On a CPU they lie where they were read to. A GPU has copies of its own,
 * two layers' worth: one computes while the next is copied, so that disk, bus and GPU are busy at a time.
 */
import type { OrtApi, Pointer } from '../binding/api.js'
import type { Device } from '../binding/device.js'
import type { Session } from '../binding/session.js'
import { createOwnValue, createValue, NameTable } from '../binding/values.js'
import { bytesToPage, pageAligned } from './aligned.js'
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

export interface CopyParts {
  api: OrtApi
  device: Device
  /** Of the upload graph, on the device. Taken over. */
  session: Session
  layout: StreamedLayout
}

/** Copied to where they compute, a layer ahead. */
export class CopiedWeights implements LayerWeights {
  readonly #read: ReadWeights
  readonly #session: Session
  readonly #api: OrtApi
  readonly #layers: number
  readonly #inputs: NameTable
  readonly #outputs: NameTable
  /** Of the device's memory. */
  readonly #allocator: Pointer
  readonly #sets: BigUint64Array[]
  /** The set that is copied to next: the other one computes. */
  #turn = 0
  #next: Promise<BigUint64Array> | null = null

  constructor(read: ReadWeights, { api, device, session, layout }: CopyParts) {
    const { tensors } = layout
    this.#read = read
    this.#session = session
    this.#api = api
    this.#layers = layout.layers.length
    this.#inputs = new NameTable(
      api,
      tensors.map(({ name }) => name),
    )
    this.#outputs = new NameTable(
      api,
      tensors.map(({ name }) => `copy.${name}`),
    )
    this.#allocator = device.memory ? session.allocator(device.memory.own) : 0n
    const own = this.#allocator || api.allocator
    this.#sets = [0, 1].map(() =>
      BigUint64Array.from(tensors, ({ type, dims }) => createOwnValue(api, own, type, dims)),
    )
  }

  async take(layer: number): Promise<BigUint64Array> {
    const values = await (this.#next ?? this.#copy(layer))
    this.#next = this.#copy((layer + 1) % this.#layers)
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
    for (const values of this.#sets) for (const value of values) this.#api.release('ReleaseValue', value)
    this.#api.release('ReleaseAllocator', this.#allocator)
    this.#read.dispose()
    this.#session.dispose()
  }

  async #copy(layer: number): Promise<BigUint64Array> {
    const values = this.#sets[this.#turn]
    const from = await this.#read.take(layer)
    await this.#session.run(this.#inputs, from, this.#outputs, values)
    this.#read.giveBack(layer)
    this.#turn = 1 - this.#turn
    return values
  }
}
