/** Layers that stay on a device: read once, compared with what import wrote, and copied there. */
import type { OrtApi, Pointer } from '../binding/api.js'
import type { Device } from '../binding/device.js'
import type { Session } from '../binding/session.js'
import { createOwnValue, NameTable } from '../binding/ort-values.js'
import type { StreamedLayout } from './layout.js'
import { verifyBytes, type WatchedFile } from './watched-file.js'

/** Where layers are copied to. */
export interface DeviceParts {
  api: OrtApi
  device: Device
  /** Of the upload graph, on the device. */
  session: Session
  layout: StreamedLayout
}

/** Memory of a device for layers, and the copying of a layer's weights to it. */
export class DeviceLayers {
  readonly #api: OrtApi
  readonly #session: Session
  readonly #layout: StreamedLayout
  readonly #inputs: NameTable
  readonly #outputs: NameTable
  readonly #allocator: Pointer
  readonly #values: Pointer[] = []
  /** Layers that stay. */
  readonly #kept = new Map<number, BigUint64Array>()

  constructor({ api, device, session, layout }: DeviceParts) {
    const names = layout.tensors.map(({ name }) => name)
    this.#api = api
    this.#session = session
    this.#layout = layout
    this.#inputs = new NameTable(api, names)
    this.#outputs = new NameTable(
      api,
      names.map((name) => `copy.${name}`),
    )
    this.#allocator = device.memory ? session.allocator(device.memory.own) : 0n
  }

  get kept(): ReadonlyMap<number, BigUint64Array> {
    return this.#kept
  }

  /** OrtValues with room for one layer. Throws `RuntimeError` where the device has none. */
  take(): BigUint64Array {
    const own = this.#allocator || this.#api.allocator
    return BigUint64Array.from(this.#layout.tensors, ({ type, dims }) => {
      const value = createOwnValue(this.#api, own, type, dims)
      this.#values.push(value)
      return value
    })
  }

  copy(from: BigUint64Array, to: BigUint64Array): Promise<void> {
    return this.#session.run(this.#inputs, from, this.#outputs, to)
  }

  /**
   * Reads these layers to `staging`, of one layer's bytes, and copies them from `values`, which lie there. Throws
   * `ModelError` for a layer that is not what import wrote, `RuntimeError` where the device has no room.
   */
  async keep(layers: Iterable<number>, file: WatchedFile, staging: Uint8Array, values: BigUint64Array): Promise<void> {
    for (const layer of layers) {
      const { offset, crc32 } = this.#layout.layers[layer]
      await file.read(staging, offset)
      await verifyBytes(staging, crc32, `the weights of layer ${layer}`, file.path)
      const own = this.take()
      await this.copy(values, own)
      this.#kept.set(layer, own)
    }
  }

  /** Takes the session with it. */
  dispose(): void {
    for (const value of this.#values) this.#api.release('ReleaseValue', value)
    this.#api.release('ReleaseAllocator', this.#allocator)
    this.#session.dispose()
  }
}
