/**
 * Memory of a device, as an allocator gives it and a graph of one `Identity` reaches it, which ONNX Runtime runs on the
 * device whatever sides it copies between. (Its `CopyTensors` serves only devices that were registered as plug-ins.)
 * JavaScript has addresses of the memory and never looks inside. Allocations and copies run off the event loop.
 */
import { RuntimeError } from '../../spec/errors.js'
import type { OrtApi, Pointer } from '../binding/api.js'
import type { Device, MemoryKind } from '../binding/device.js'
import { Session } from '../binding/session.js'
import { createValueAt, NameTable } from '../binding/ort-values.js'
import type { TensorType } from '../tensor.js'

/** A piece of the device's memory. */
export interface Block {
  readonly address: Pointer
  readonly bytes: number
}

/** Bytes that go from one place to another: of the device, or of this process. */
export interface Copy {
  from: Place
  to: Place
  bytes: number
}

export interface Place {
  address: Pointer
  isHost?: boolean
}

/** What was taken and not given back, and what was copied so far. */
export interface MemoryCounts {
  blocks: number
  bytes: number
  copies: number
  copiedBytes: number
}

/** Blocks are cleared by copies of a block of zeros of at most this size. */
const ZERO_BYTES = 4 * 2 ** 20

/** `to` [n] is `from` [n], uint8: one `Identity`, as the bytes of an ONNX file. */
export const COPY_GRAPH = Buffer.from(
  'CAoSDHNlcXVvaWEtb25ueDpQCiAKBGZyb20SAnRvGgpJZGVudGl0eV8wIghJZGVudGl0eRIEY29weVoTCgRmcm9tEgsKCQgCEgUKAxIBbmIRCgJ0' +
    'bxILCgkIAhIFCgMSAW5CAhAVQhEKDWNvbS5taWNyb3NvZnQQAQ==',
  'base64',
)

export class DeviceMemory {
  readonly #api: OrtApi
  readonly #session: Session
  readonly #names: { from: NameTable; to: NameTable }
  readonly #allocator: Pointer
  readonly #info: Pointer
  readonly #counts: MemoryCounts = { blocks: 0, bytes: 0, copies: 0, copiedBytes: 0 }
  #zeros: Block | null = null

  private constructor(api: OrtApi, session: Session, kind: MemoryKind) {
    this.#api = api
    this.#session = session
    this.#names = { from: new NameTable(api, ['from']), to: new NameTable(api, ['to']) }
    this.#allocator = session.allocator(kind)
    this.#info = api.create('CreateMemoryInfo', [...kind])
  }

  /** Throws `RuntimeError` where the device cannot be had or has no memory of its own. */
  static async open(api: OrtApi, device: Device): Promise<DeviceMemory> {
    if (!device.memory) throw new RuntimeError(`device ${device.name} has no memory of its own`)
    const session = await Session.open(api, COPY_GRAPH, 1, [], device)
    try {
      return new DeviceMemory(api, session, device.memory.own)
    } catch (error) {
      session.dispose()
      throw error
    }
  }

  get counts(): Readonly<MemoryCounts> {
    return this.#counts
  }

  /** All bytes of it are zero. Throws `RuntimeError` naming the bytes where the device has them no more. */
  async allocate(bytes: number): Promise<Block> {
    const block = await this.#take(bytes)
    try {
      this.#zeros ??= await this.#makeZeros()
      await this.copy(clearing(block, this.#zeros))
    } catch (error) {
      this.free(block)
      throw error
    }
    return block
  }

  free({ address, bytes }: Block): void {
    this.#counts.blocks--
    this.#counts.bytes -= bytes
    this.#api.call('AllocatorFree', this.#allocator, address)
  }

  /** An OrtValue over the first bytes of a block. The caller releases it before the block is freed. */
  value({ address, bytes }: Block, type: TensorType, dims: readonly number[]): Pointer {
    return createValueAt(this.#api, { address, bytes }, type, dims, this.#info)
  }

  release(value: Pointer): void {
    this.#api.release('ReleaseValue', value)
  }

  /** Settles when all have arrived, one after another. Places of this process stay referenced until then. */
  async copy(copies: readonly Copy[]): Promise<void> {
    const [from, to] = [new BigUint64Array(1), new BigUint64Array(1)]
    for (const { from: source, to: target, bytes } of copies) {
      try {
        from[0] = this.#valueAt(source, bytes)
        to[0] = this.#valueAt(target, bytes)
        await this.#session.run(this.#names.from, from, this.#names.to, to)
      } finally {
        for (const values of [from, to]) {
          this.release(values[0])
          values[0] = 0n
        }
      }
      this.#counts.copies++
      this.#counts.copiedBytes += bytes
    }
  }

  /** A place within this process's memory. */
  hostPlace(bytes: Uint8Array, at: number): Place {
    return { address: this.#api.address(bytes) + BigInt(at), isHost: true }
  }

  /** Once all blocks were freed. */
  dispose(): void {
    if (this.#zeros) this.free(this.#zeros)
    this.#zeros = null
    this.#api.release('ReleaseMemoryInfo', this.#info)
    this.#api.release('ReleaseAllocator', this.#allocator)
    this.#session.dispose()
  }

  #valueAt({ address, isHost }: Place, bytes: number): Pointer {
    return createValueAt(this.#api, { address, bytes }, 'uint8', [bytes], isHost ? this.#api.cpu : this.#info)
  }

  async #take(bytes: number): Promise<Block> {
    const out = new BigUint64Array(1)
    try {
      await this.#api.callAsync('AllocatorAlloc', this.#allocator, bytes, this.#api.address(out))
    } catch (cause) {
      throw new RuntimeError(
        `the device has no ${bytes} bytes left beside the ${this.#counts.bytes} taken for K/V rows: ` +
          `${cause instanceof Error ? cause.message : String(cause)}; give maxContext or maxBatch less`,
        { cause },
      )
    }
    this.#counts.blocks++
    this.#counts.bytes += bytes
    return { address: out[0], bytes }
  }

  async #makeZeros(): Promise<Block> {
    const zeros = await this.#take(ZERO_BYTES)
    const host = new Uint8Array(ZERO_BYTES)
    await this.copy([{ from: this.hostPlace(host, 0), to: zeros, bytes: ZERO_BYTES }])
    return zeros
  }
}

function clearing(block: Block, zeros: Block): Copy[] {
  return Array.from({ length: Math.ceil(block.bytes / zeros.bytes) }, (_, i) => ({
    from: zeros,
    to: { address: block.address + BigInt(i * zeros.bytes) },
    bytes: Math.min(zeros.bytes, block.bytes - i * zeros.bytes),
  }))
}
