/**
 * The file of weights beside a graph: tensors appended one by one, each at an aligned place, and hashed as they are
 * written.
 */
import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { crc32 } from 'node:zlib'
import type { WeightRef } from '../onnx/graph-builder.js'
import type { Region, TensorFile } from '../formats/linear.js'
import type { ElementType } from '../onnx/proto.js'
import type { FileFacts } from './file-facts.js'

/** ONNX Runtime maps the file into memory, and layers are read past the page cache: tensors start on pages. */
const ALIGNMENT = 4096
/** Bytes that are read at a time of what was written before. */
const PIECE = 2 ** 20

export class WeightFile implements TensorFile {
  readonly #handle: FileHandle
  readonly #file: string
  readonly #hash = createHash('sha256')
  #size = 0
  #crc = 0

  private constructor(handle: FileHandle, file: string) {
    this.#handle = handle
    this.#file = file
  }

  static async create(path: string): Promise<WeightFile> {
    return new WeightFile(await open(path, 'wx'), basename(path))
  }

  /** Goes on after the first bytes of a file; null where they are not those. What comes after them is dropped. */
  static async reopen(path: string, { bytes, sha256 }: FileFacts): Promise<WeightFile | null> {
    const handle = await open(path, 'r+').catch(() => null)
    if (handle === null) return null
    const file = new WeightFile(handle, basename(path))
    if (await file.#holds(bytes, sha256)) return file
    await handle.close()
    return null
  }

  /** Size and SHA-256 of what was written so far. */
  get facts(): FileFacts {
    return { bytes: this.#size, sha256: this.#hash.copy().digest('hex') }
  }

  /** Appends a tensor and says where it lies. */
  async add(
    name: string,
    type: ElementType,
    dims: number[],
    data: Float32Array | Uint16Array | Int8Array | Uint8Array | BigInt64Array,
  ): Promise<WeightRef> {
    await this.#align()
    const offset = this.#size
    await this.#append(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    return { name, type, dims, file: this.#file, offset, bytes: data.byteLength }
  }

  /** Where the tensors that `write` adds lie together. */
  async region<T>(write: () => Promise<T>): Promise<{ written: T; region: Region }> {
    await this.#align()
    const offset = this.#size
    this.#crc = 0
    const written = await write()
    await this.#align()
    return { written, region: { offset, bytes: this.#size - offset, crc32: this.#crc } }
  }

  /** Flushes and closes; returns the file's size and SHA-256. */
  async finish(): Promise<FileFacts> {
    await this.#handle.sync()
    await this.#handle.close()
    return this.facts
  }

  /** Closes without regard to what was written. */
  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => undefined)
  }

  async #holds(bytes: number, sha256: string): Promise<boolean> {
    const piece = new Uint8Array(PIECE)
    while (this.#size < bytes) {
      const wanted = Math.min(PIECE, bytes - this.#size)
      const { bytesRead } = await this.#handle.read(piece, 0, wanted, this.#size)
      if (bytesRead === 0) return false
      this.#hash.update(piece.subarray(0, bytesRead))
      this.#size += bytesRead
    }
    if (this.facts.sha256 !== sha256) return false
    await this.#handle.truncate(bytes)
    return true
  }

  async #align(): Promise<void> {
    await this.#append(new Uint8Array((ALIGNMENT - (this.#size % ALIGNMENT)) % ALIGNMENT))
  }

  async #append(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes)
    this.#crc = crc32(bytes, this.#crc)
    let done = 0
    while (done < bytes.byteLength)
      done += (await this.#handle.write(bytes, done, undefined, this.#size + done)).bytesWritten
    this.#size += bytes.byteLength
  }
}
