/** The weight file of a streamed model: opened past the page cache where the system can, and watched for changes. */
import { constants, type BigIntStats } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { setImmediate } from 'node:timers/promises'
import { ModelError } from '../../spec/errors.js'
import type { EmbeddingTable } from './layout.js'

/** Bytes hashed between two turns of the event loop, about a millisecond. */
const HASH_BYTES = 4 * 2 ** 20
const AGAIN = 'delete its folder and import the model again'

export class WatchedFile {
  #direct: FileHandle
  #cached: FileHandle
  #stamp: string

  private constructor(
    readonly path: string,
    handles: { direct: FileHandle; cached: FileHandle; stamp: string },
  ) {
    this.#direct = handles.direct
    this.#cached = handles.cached
    this.#stamp = handles.stamp
  }

  /** Throws `ModelError` where the file is missing. */
  static async open(path: string): Promise<WatchedFile> {
    return new WatchedFile(path, await openBoth(path))
  }

  /** Reads whole pages into page-aligned memory. Throws `ModelError` where the file ends before. */
  read(into: Uint8Array, offset: number): Promise<void> {
    return this.#read(this.#direct, into, offset)
  }

  /** Reads a few bytes from anywhere; the system may keep what lies around them. */
  readAnywhere(into: Uint8Array, offset: number): Promise<void> {
    return this.#read(this.#cached, into, offset)
  }

  /**
   * Whether the file at the path is another than at the last look, or was written to since; it is opened anew then.
   * Throws `ModelError` where it is gone.
   */
  async hasChanged(): Promise<boolean> {
    if (stampOf(await statOf(this.path)) === this.#stamp) return false
    const next = await openBoth(this.path)
    await this.close()
    this.#direct = next.direct
    this.#cached = next.cached
    this.#stamp = next.stamp
    return true
  }

  async close(): Promise<void> {
    await this.#direct.close()
    await this.#cached.close()
  }

  async #read(handle: FileHandle, into: Uint8Array, offset: number): Promise<void> {
    const { bytesRead } = await handle.read(into, 0, into.length, offset).catch((cause: unknown) => {
      throw new ModelError(
        'model_invalid',
        this.path,
        `${this.path} cannot be read at byte ${offset}: ${String(cause)}`,
        { cause },
      )
    })
    if (bytesRead < into.length)
      throw new ModelError(
        'model_invalid',
        this.path,
        `${this.path} ends at byte ${offset + bytesRead}, import wrote more; ${AGAIN}`,
      )
  }
}

/** Throws `ModelError` unless these bytes of the file are those that import wrote; `what` names them. */
export async function verifyBytes(bytes: Uint8Array, expected: number, what: string, path: string): Promise<void> {
  let found = 0
  for (let at = 0; at < bytes.length; at += HASH_BYTES) {
    found = crc32(bytes.subarray(at, at + HASH_BYTES), found)
    if (bytes.length > HASH_BYTES) await setImmediate()
  }
  requireSame(found, expected, what, path)
}

/** The same for a table of embeddings, which is read for it alone, piece by piece. */
export async function verifyTable(
  file: WatchedFile,
  { rows, bytes, crc32: expected }: EmbeddingTable,
  what: string,
): Promise<void> {
  const piece = new Uint8Array(Math.min(bytes, HASH_BYTES))
  let found = 0
  for (let at = 0; at < bytes; at += piece.length) {
    const part = piece.subarray(0, Math.min(piece.length, bytes - at))
    await file.readAnywhere(part, rows + at)
    found = crc32(part, found)
  }
  requireSame(found, expected, what, file.path)
}

function requireSame(found: number, expected: number, what: string, path: string): void {
  if (found !== expected)
    throw new ModelError(
      'model_invalid',
      path,
      `${path}: ${what} are not what import wrote (CRC-32 ${found}, not ${expected}); ${AGAIN}`,
    )
}

async function openBoth(path: string): Promise<{ direct: FileHandle; cached: FileHandle; stamp: string }> {
  const stamp = stampOf(await statOf(path))
  const cached = await open(path, constants.O_RDONLY)
  // Not every system has direct reads, and not every file system takes them.
  const direct = await open(path, constants.O_RDONLY | (constants.O_DIRECT ?? 0)).catch(() =>
    open(path, constants.O_RDONLY),
  )
  return { direct, cached, stamp }
}

async function statOf(path: string): Promise<BigIntStats> {
  return stat(path, { bigint: true }).catch((cause: unknown) => {
    throw new ModelError('model_not_found', path, `${path} is gone; import the model again`, { cause })
  })
}

function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join()
}
