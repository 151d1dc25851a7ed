/** A tensor as it lies in a file, and reading it to float32 piece by piece. */
import type { FileHandle } from 'node:fs/promises'
import { ModelError } from '../spec/errors.js'
import type { BlockKind } from './gguf/blocks.js'

export interface StoredTensor {
  name: string
  /** Outermost first. */
  shape: number[]
  kind: BlockKind
  /** Place of the first byte in the file, and how many there are. */
  offset: number
  bytes: number
}

/** Maps a row's place in the file to its place in the checkpoint. */
export type RowOrder = (row: number) => number

/** Bytes read at a time: a tensor's file bytes are never in memory as a whole. */
const CHUNK_BYTES = 4 * 2 ** 20

/** Reads and dequantizes one tensor, row-major. Throws `ModelError` when the file ends inside it. */
export async function readTensor(
  file: FileHandle,
  path: string,
  tensor: StoredTensor,
  order: RowOrder = (row) => row,
): Promise<Float32Array> {
  const { shape, kind, offset, bytes } = tensor
  const width = shape[shape.length - 1]
  const rowBytes = (width / kind.values) * kind.bytes
  const rows = bytes / rowBytes
  const out = new Float32Array(rows * width)
  const rowsAtOnce = Math.max(1, Math.floor(CHUNK_BYTES / rowBytes))
  const chunk = new Uint8Array(Math.min(rows, rowsAtOnce) * rowBytes)
  for (let first = 0; first < rows; first += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - first)
    await readExactly(file, chunk.subarray(0, count * rowBytes), offset + first * rowBytes, path)
    for (let i = 0; i < count; i++) kind.decode(chunk, i * rowBytes, out, order(first + i) * width, width)
  }
  return out
}

/** Fills `target` from the file. Throws `ModelError` when the file ends before it is full. */
export async function readExactly(file: FileHandle, target: Uint8Array, position: number, path: string): Promise<void> {
  let done = 0
  while (done < target.byteLength) {
    const { bytesRead } = await file.read(target, done, target.byteLength - done, position + done)
    if (bytesRead === 0)
      throw new ModelError(
        'model_invalid',
        path,
        `${path} ends at byte ${position + done}; ${position + target.byteLength} were expected: download it again`,
      )
    done += bytesRead
  }
}

/** Two tensors in one place are a corrupt offset that happens to lie inside the file. */
export function checkOverlap(path: string, tensors: Iterable<StoredTensor>): void {
  const inOrder = [...tensors].sort((a, b) => a.offset - b.offset)
  for (let i = 1; i < inOrder.length; i++) {
    const [before, after] = [inOrder[i - 1], inOrder[i]]
    if (before.offset + before.bytes > after.offset) {
      throw new ModelError(
        'model_invalid',
        path,
        `${path} places tensor ${after.name} inside tensor ${before.name} (byte ${after.offset}); download it again`,
      )
    }
  }
}
