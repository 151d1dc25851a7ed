/**
 * A PyTorch file of weights (`pytorch_model.bin`): a zip archive whose `data.pkl` describes tensors, and whose entries
 * `data/KEY` hold their values as they are. Nothing in it is executed, and nothing but the pickle is unpacked.
 */
import { stat } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import yauzl from 'yauzl'
import { ModelError } from '../../spec/errors.js'
import { BF16, F16, F32, type BlockKind } from '../gguf/blocks.js'
import { BOOL, I32, I64 } from '../integer-kinds.js'
import type { StoredTensor } from '../stored-tensor.js'
import { readPickle, type PickledTensor } from './pickle.js'

const KINDS: Readonly<Record<string, BlockKind>> = {
  FloatStorage: F32,
  HalfStorage: F16,
  BFloat16Storage: BF16,
  LongStorage: I64,
  IntStorage: I32,
  BoolStorage: BOOL,
}
/** A description of tensors is small. */
const MAX_PICKLE_BYTES = 64 * 2 ** 20
/** Of zip: the entry is stored as it is. */
const STORED = 0

/** Where an entry's bytes lie in the file. */
interface Place {
  offset: number
  bytes: number
}

/** Reads names, types, shapes and places. Throws `ModelError` for a missing, truncated or corrupt file. */
export async function readArchive(path: string): Promise<Map<string, StoredTensor>> {
  await stat(path).catch((cause: unknown) => {
    throw new ModelError('model_not_found', path, `${path} is missing; download the model's folder again`, { cause })
  })
  const { pickle, places } = await entriesOf(path).catch((cause: unknown) => {
    if (cause instanceof ModelError) throw cause
    throw invalid(
      path,
      `is truncated or no PyTorch file as torch.save has written it since 1.6 (${String(cause)}); ` +
        'download it again, or use the safetensors file',
      cause,
    )
  })
  const tensors = new Map<string, StoredTensor>()
  for (const [name, tensor] of readPickle(pickle, path)) tensors.set(name, placed(path, name, tensor, places))
  return tensors
}

async function entriesOf(path: string): Promise<{ pickle: Uint8Array; places: Map<string, Place> }> {
  const zip = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false })
  const places = new Map<string, Place>()
  let pickle: Uint8Array | undefined
  try {
    for await (const entry of zip.eachEntry()) {
      const [, name] = /^[^/]+\/(.*)$/.exec(entry.fileName) ?? []
      if (name === 'byteorder') {
        const order = (await buffer(await zip.openReadStreamPromise(entry))).toString().trim()
        if (order !== 'little') throw invalid(path, `has values in ${order}-endian order; expected little-endian`)
      }
      if (name === 'data.pkl') {
        if (entry.uncompressedSize > MAX_PICKLE_BYTES)
          throw invalid(path, `has a data.pkl of ${entry.uncompressedSize} bytes; expected at most ${MAX_PICKLE_BYTES}`)
        pickle = await buffer(await zip.openReadStreamPromise(entry))
      }
      if (!name?.startsWith('data/')) continue
      if (entry.compressionMethod !== STORED)
        throw invalid(path, `has entry ${entry.fileName} compressed; expected values as they are`)
      const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true })
      places.set(name.slice('data/'.length), { offset: fileDataStart, bytes: entry.uncompressedSize })
    }
  } finally {
    zip.close()
  }
  if (!pickle) throw invalid(path, 'has no data.pkl: it is no file of weights that torch.save wrote')
  return { pickle, places }
}

function placed(
  path: string,
  name: string,
  { storage, storageOffset, shape, stride }: PickledTensor,
  places: ReadonlyMap<string, Place>,
): StoredTensor {
  const kind = KINDS[storage?.type]
  if (!kind)
    throw invalid(
      path,
      `holds tensor ${name} in ${storage?.type ?? 'no storage'}; this reader knows ${Object.keys(KINDS).join(', ')}`,
    )
  const place = places.get(storage.key)
  const isWhole = [storageOffset, ...shape].every((value) => Number.isSafeInteger(value) && value >= 0)
  if (!place || !isWhole || shape.length === 0)
    throw invalid(path, `has a corrupt entry for tensor ${name}; download it again`)
  if (!isRowMajor(shape, stride))
    throw invalid(
      path,
      `holds tensor ${name} [${shape.join(', ')}] with strides [${stride.join(', ')}]; expected one value after ` +
        'another: save it as contiguous, or as safetensors',
    )
  const bytes = shape.reduce((product, size) => product * size, kind.bytes)
  const from = storageOffset * kind.bytes
  if (from + bytes > place.bytes)
    throw invalid(
      path,
      `gives tensor ${name} [${shape.join(', ')}] in ${kind.name} ${place.bytes - from} bytes; it takes ${bytes}: ` +
        'download it again',
    )
  return { name, shape: [...shape], kind, offset: place.offset + from, bytes }
}

function isRowMajor(shape: readonly number[], stride: readonly number[]): boolean {
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== expected) return false
    expected *= shape[axis]
  }
  return stride.length === shape.length
}

function invalid(path: string, message: string, cause?: unknown): ModelError {
  return new ModelError('model_invalid', path, `${path} ${message}`, { cause })
}
