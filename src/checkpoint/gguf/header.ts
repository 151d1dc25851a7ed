/**
 * The header of a GGUF file: metadata and where each tensor lies. Checked: no count, offset or type is believed that
 * does not fit the file.
 */
import { open, stat, type FileHandle } from 'node:fs/promises'
import { ModelError } from '../../spec/errors.js'
import { checkOverlap, readExactly, type StoredTensor } from '../stored-tensor.js'
import { Metadata } from './metadata.js'
import { BeyondEnd, decodeHeader, type HeaderBytes } from './header-bytes.js'
import { blockKind, supportedKinds, typeName } from './blocks.js'

export interface GgufHeader {
  metadata: Metadata
  /** By GGUF's names; shapes outermost first, though GGUF stores dimensions innermost first. */
  tensors: Map<string, StoredTensor>
}

/** Magic, version, and the counts of tensors and metadata entries. */
const FIXED_BYTES = 24
const VERSIONS = [2, 3]
/** Read of a header at first: all of it but for large vocabularies. */
const FIRST_BYTES = 2 ** 20

/**
 * Throws `ModelError`: `model_not_found` for a missing file, `model_invalid` for one that is truncated, corrupt or of
 * another kind.
 */
export async function readHeader(path: string): Promise<GgufHeader> {
  const fileBytes = await sizeOf(path)
  const file = await open(path)
  const header = await readBytes(path, file, fileBytes).finally(() => file.close())
  const metadata = new Metadata(path, header.metadata)
  const alignment = metadata.number('general.alignment', 32)
  if (!Number.isInteger(Math.log2(alignment)) || alignment < 8)
    throw invalid(path, `states an alignment of ${alignment} bytes; expected a power of two from 8 on`)
  const dataStart = Math.ceil((FIXED_BYTES + header.end) / alignment) * alignment

  const tensors = new Map<string, StoredTensor>()
  for (const { name, dims, type, offset: place } of header.tensors) {
    if (tensors.has(name)) throw invalid(path, `lists tensor ${name} twice; download the file again`)
    const kind = blockKind(type)
    if (!kind)
      throw invalid(
        path,
        `holds tensor ${name} in type ${typeName(type)}; this reader knows ${supportedKinds().join(', ')}: convert ` +
          'the model to one of these',
      )
    const shape = dims.reverse()
    const values = shape.reduce((product, size) => product * size, 1)
    if (shape.length === 0 || !Number.isSafeInteger(values) || values === 0)
      throw invalid(path, `gives tensor ${name} the shape [${shape.join(', ')}]; download the file again`)
    if (shape[shape.length - 1] % kind.values !== 0) {
      throw invalid(
        path,
        `gives tensor ${name} rows of ${shape[shape.length - 1]} values in type ${kind.name}, which comes in ` +
          `blocks of ${kind.values}; download the file again`,
      )
    }
    if (place % alignment !== 0)
      throw invalid(
        path,
        `places tensor ${name} at offset ${place}, not a multiple of ${alignment}; download the file again`,
      )
    const offset = dataStart + place
    const bytes = (values / kind.values) * kind.bytes
    if (offset + bytes > fileBytes) {
      throw invalid(
        path,
        `is truncated: tensor ${name} [${shape.join(', ')}] in ${kind.name} ends at byte ${offset + bytes}, the ` +
          `file has ${fileBytes}; download the file again`,
      )
    }
    tensors.set(name, { name, shape, kind, offset, bytes })
  }
  checkOverlap(path, tensors.values())
  return { metadata, tensors }
}

/** Reads until the header is whole: vocabularies make it megabytes long, and nothing says beforehand how many. */
async function readBytes(path: string, file: FileHandle, fileBytes: number): Promise<HeaderBytes> {
  const counts = await readStart(path, file)
  const most = fileBytes - FIXED_BYTES
  for (let length = Math.min(FIRST_BYTES, most); ;) {
    const bytes = Buffer.alloc(length)
    await readExactly(file, bytes, FIXED_BYTES, path)
    try {
      return decodeHeader(bytes, counts)
    } catch (cause) {
      const isShort = cause instanceof BeyondEnd
      if (!isShort || cause.needs > most) {
        const why = cause instanceof Error ? cause.message : String(cause)
        const state = isShort ? 'is truncated, or has' : 'has'
        throw invalid(path, `${state} a corrupt header: it holds what cannot be read (${why}); download it again`, {
          cause,
        })
      }
      length = Math.min(most, Math.max(4 * length, cause.needs))
    }
  }
}

/** Bytes of the file. Throws where there is none, or it is too short for a header. */
async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new ModelError(
      'model_not_found',
      path,
      `there is no model file ${path}; give the path of a .gguf file, a checkpoint folder or a known name`,
      { cause },
    )
  })
  if (!found.isFile()) throw invalid(path, 'is not a file; expected a GGUF file')
  if (found.size < FIXED_BYTES)
    throw invalid(path, `has ${found.size} bytes, too few for a GGUF header (${FIXED_BYTES}); download the file again`)
  return found.size
}

/** Checks magic and version; returns how many entries and tensors the header is said to have. */
async function readStart(path: string, file: FileHandle): Promise<{ entries: number; tensors: number }> {
  const start = Buffer.alloc(FIXED_BYTES)
  await readExactly(file, start, 0, path)
  if (start.toString('latin1', 0, 4) !== 'GGUF')
    throw invalid(
      path,
      `starts with the bytes ${start.toString('hex', 0, 4)}, a GGUF file with 47475546 ("GGUF"); it is another ` +
        'kind of file or corrupt',
    )
  const version = start.readUInt32LE(4)
  if (!VERSIONS.includes(version))
    throw invalid(
      path,
      `has GGUF version ${version}; this reader knows little-endian versions ${VERSIONS.join(' and ')}`,
    )
  return { tensors: Number(start.readBigUInt64LE(8)), entries: Number(start.readBigUInt64LE(16)) }
}

function invalid(path: string, message: string, options?: ErrorOptions): ModelError {
  return new ModelError('model_invalid', path, `${path} ${message}`, options)
}
