/** A GGUF file as a `Checkpoint`: its header checked whole at opening, its tensors read and dequantized one at a time. */
import { open, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { ModelError } from '../../errors.js'
import { hashFile } from '../hash.js'
import type { LlamaConfig } from '../manifest.js'
import type { Checkpoint } from '../tensors.js'
import { readExactly, readHeader, type GgufTensor } from './header.js'
import { checkpointName, expectedShapes, llamaConfig } from './llama.js'
import { textSide } from './text-side.js'

/** Bytes read at a time: a tensor's file bytes are never in memory as a whole. */
const CHUNK_BYTES = 4 * 2 ** 20

/**
 * Opens a GGUF file of the Llama family. Tensor data stay on disk until `read`.
 * Throws `ModelError`: `model_not_found` for a missing file, `model_invalid` for one that is truncated, corrupt, of another architecture, or
 * holds a tensor of an unknown type, a wrong shape or one too few.
 */
export async function openGguf(path: string): Promise<Checkpoint> {
  const header = await readHeader(path)
  const config = llamaConfig(header)
  const tensors = byCheckpointName(path, header.tensors, config)
  const text = textSide(header.metadata, config.vocabSize)
  const sha256 = await hashFile(path)
  const file = await open(path)
  const tensor = (name: string): GgufTensor => {
    const found = tensors.get(name)
    if (!found) throw new ModelError('model_invalid', path, `${path} has no tensor ${name}`)
    return found
  }
  return {
    name: basename(path).replace(/\.gguf$/i, ''),
    path,
    sha256,
    config,
    ...text,
    license: header.metadata.has('general.license') ? header.metadata.string('general.license') : null,
    metadata: header.metadata.under('sequoia.'),
    has: (name) => tensors.has(name),
    shape: (name) => [...tensor(name).shape],
    read: (name) => readTensor(file, path, tensor(name), rowOrder(name, config)),
    close: () => file.close(),
  }
}

/** Maps tensors to Hugging Face's names. Throws for a missing or misshapen one, and for one that a plain Llama does not have. */
function byCheckpointName(path: string, tensors: Map<string, GgufTensor>, config: LlamaConfig): Map<string, GgufTensor> {
  const invalid = (message: string): ModelError => new ModelError('model_invalid', path, `${path} ${message}`)
  const expected = expectedShapes(config)
  const named = new Map<string, GgufTensor>()
  for (const tensor of tensors.values()) {
    const name = checkpointName(tensor.name)
    const shape = name && expected.get(name)
    if (!name || !shape) throw invalid(`has a tensor ${tensor.name}, which a Llama model of ${config.layers} layers without biases does not have; this variant is not supported`)
    if (shape.join() !== tensor.shape.join()) {
      throw invalid(`has tensor ${tensor.name} as [${tensor.shape.join(', ')}] (outermost first); its configuration asks for [${shape.join(', ')}]`)
    }
    named.set(name, tensor)
  }
  for (const name of expected.keys()) if (!named.has(name)) throw invalid(`lacks the tensor for ${name}; convert or download the file again`)
  return named
}

/** Maps a row's place in the file to its place in the checkpoint. */
type RowOrder = (row: number) => number

/**
 * GGUF keeps the q and k rows of a head interleaved (0, d/2, 1, d/2 + 1, ...), for a rotation of neighbours; the checkpoint's rotation pairs
 * value j with value j + d/2.
 */
function rowOrder(name: string, { headDim }: LlamaConfig): RowOrder {
  if (!/\.self_attn\.[qk]_proj\./.test(name)) return (row) => row
  return (row) => {
    const inHead = row % headDim
    return row - inHead + (inHead & 1) * (headDim / 2) + (inHead >> 1)
  }
}

async function readTensor(file: FileHandle, path: string, tensor: GgufTensor, order: RowOrder): Promise<Float32Array> {
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
