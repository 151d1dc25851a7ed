/** OrtValues and C name tables over JavaScript memory: built once, rebuilt only when what they describe has changed. */
import type { OrtApi, Pointer } from './api.js'
import type { HostBinder } from '../kv/host.js'
import type { TensorData, TensorType } from '../tensor.js'

/** ONNXTensorElementDataType of the types we pass. */
const ELEMENT_TYPE: Record<TensorType, number> = { float32: 1, uint8: 2, int8: 3, int64: 7, bool: 9, float16: 10 }

/** What values without elements point at. */
const NOWHERE = new Uint8Array(8)

/**
 * Creates an OrtValue over `data`, which lies in memory of the kind `info`; the caller keeps `data` referenced until
 * the value is released.
 */
export function createValue(
  api: OrtApi,
  type: TensorType,
  data: TensorData,
  dims: readonly number[],
  info: Pointer = api.cpu,
): Pointer {
  // A tensor without elements has no memory to point at, but ONNX Runtime wants an address all the same.
  const address = data.byteLength > 0 ? api.address(data) : api.address(NOWHERE)
  return createValueAt(api, { address, bytes: data.byteLength }, type, dims, info)
}

/** The same over memory at an address, which its owner leaves there until the value is released. */
export function createValueAt(
  api: OrtApi,
  { address, bytes }: { address: Pointer; bytes: number },
  type: TensorType,
  dims: readonly number[],
  info: Pointer,
): Pointer {
  const shape = BigInt64Array.from(dims, BigInt)
  return api.create('CreateTensorWithDataAsOrtValue', [info, address, bytes, shape, dims.length, ELEMENT_TYPE[type]])
}

/** Makes OrtValues of a cache's memory; the cache keeps the memory for as long as they live. */
export function cpuBinder(api: OrtApi): HostBinder<Pointer> {
  return {
    bind: ({ type, data, dims }) => createValue(api, type, data, dims),
    release: (value) => api.release('ReleaseValue', value),
  }
}

/** Creates an OrtValue with memory of its own. */
export function createOwnValue(api: OrtApi, allocator: Pointer, type: TensorType, dims: readonly number[]): Pointer {
  return api.create('CreateTensorAsOrtValue', [
    allocator,
    BigInt64Array.from(dims, BigInt),
    dims.length,
    ELEMENT_TYPE[type],
  ])
}

/** The OrtValue of one graph input or output, whose memory and shape may change from pass to pass. */
export class BoundValue {
  readonly #api: OrtApi
  readonly #type: TensorType
  #value: Pointer = 0n
  #buffer: ArrayBufferLike | undefined
  #offset = 0
  #dims: number[] = []

  constructor(api: OrtApi, type: TensorType) {
    this.#api = api
    this.#type = type
  }

  /**
   * The value for this memory and shape: the last one if both are the same. A detached buffer never compares equal to
   * its successor.
   */
  bind(data: TensorData, dims: readonly number[]): Pointer {
    const same =
      this.#value !== 0n &&
      this.#buffer === data.buffer &&
      this.#offset === data.byteOffset &&
      this.#dims.length === dims.length &&
      this.#dims.every((size, axis) => size === dims[axis])
    if (same) return this.#value
    this.dispose()
    this.#value = createValue(this.#api, this.#type, data, dims)
    this.#buffer = data.buffer
    this.#offset = data.byteOffset
    this.#dims = [...dims]
    return this.#value
  }

  dispose(): void {
    this.#api.release('ReleaseValue', this.#value)
    this.#value = 0n
    this.#buffer = undefined
  }
}

/** A C array of zero-terminated names. */
export class NameTable {
  readonly address: Pointer
  readonly #strings: Buffer[]
  readonly #pointers: BigUint64Array

  constructor(api: OrtApi, names: readonly string[]) {
    this.#strings = names.map((name) => Buffer.from(`${name}\0`))
    this.#pointers = BigUint64Array.from(this.#strings, (string) => api.address(string))
    this.address = api.address(this.#pointers)
  }
}
