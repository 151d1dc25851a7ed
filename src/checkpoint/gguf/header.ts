/**
 * The header of a GGUF file: metadata and where each tensor lies. Parsed by `@huggingface/gguf`, then checked here, for
 * the parser reads past a truncated file as zeros and believes every count, offset and type it finds.
 */
import { open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { gguf, GGMLQuantizationType } from '@huggingface/gguf'
import { ModelError } from '../../spec/errors.js'
import { checkOverlap, readExactly, type StoredTensor } from '../stored-tensor.js'
import { Metadata } from './metadata.js'
import { decodeMetadata } from './metadata-bytes.js'
import { blockKind, supportedKinds } from './blocks.js'

export interface GgufHeader {
  metadata: Metadata
  /** By GGUF's names; shapes outermost first, though GGUF stores dimensions innermost first. */
  tensors: Map<string, StoredTensor>
}

/** Magic, version, and the counts of tensors and metadata entries. */
const FIXED_BYTES = 24
const VERSIONS = [2, 3]

/**
 * Throws `ModelError`: `model_not_found` for a missing file, `model_invalid` for one that is truncated, corrupt or of
 * another kind.
 */
export async function readHeader(path: string): Promise<GgufHeader> {
  const fileBytes = await checkStart(path)
  const invalid = (message: string, cause?: unknown): ModelError =>
    new ModelError('model_invalid', path, `${path} ${message}`, { cause })
  const parsed = await gguf(resolve(path), { allowLocalFile: true }).catch((cause: unknown) => {
    throw invalid(
      `has a corrupt header (${cause instanceof Error ? cause.message : String(cause)}); download the file again`,
      cause,
    )
  })
  const [infoStart, infoEnd] = parsed.tensorInfoByteRange
  if (infoEnd > fileBytes)
    throw invalid(
      `is truncated: its header alone needs ${infoEnd} bytes, the file has ${fileBytes}; download the file again`,
    )
  const metadata = new Metadata(path, await readMetadata(path, infoStart))
  const alignment = metadata.number('general.alignment', 32)
  if (!Number.isInteger(Math.log2(alignment)) || alignment < 8)
    throw invalid(`states an alignment of ${alignment} bytes; expected a power of two from 8 on`)
  const dataStart = Math.ceil(infoEnd / alignment) * alignment

  const tensors = new Map<string, StoredTensor>()
  for (const info of parsed.tensorInfos) {
    const { name } = info
    if (tensors.has(name)) throw invalid(`lists tensor ${name} twice; download the file again`)
    const kind = blockKind(info.dtype)
    if (!kind) {
      const found = GGMLQuantizationType[info.dtype] ?? `number ${info.dtype}`
      throw invalid(
        `holds tensor ${name} in type ${found}; this reader knows ${supportedKinds().join(', ')}: convert the ` +
          'model to one of these',
      )
    }
    const shape = info.shape.map(Number).reverse()
    const values = shape.reduce((product, size) => product * size, 1)
    if (shape.length === 0 || !Number.isSafeInteger(values) || values === 0)
      throw invalid(`gives tensor ${name} the shape [${shape.join(', ')}]; download the file again`)
    if (shape[shape.length - 1] % kind.values !== 0) {
      throw invalid(
        `gives tensor ${name} rows of ${shape[shape.length - 1]} values in type ${kind.name}, which comes in ` +
          `blocks of ${kind.values}; download the file again`,
      )
    }
    if (info.offset % BigInt(alignment) !== 0n)
      throw invalid(
        `places tensor ${name} at offset ${info.offset}, not a multiple of ${alignment}; download the file again`,
      )
    const offset = dataStart + Number(info.offset)
    const bytes = (values / kind.values) * kind.bytes
    if (offset + bytes > fileBytes) {
      throw invalid(
        `is truncated: tensor ${name} [${shape.join(', ')}] in ${kind.name} ends at byte ${offset + bytes}, the ` +
          `file has ${fileBytes}; download the file again`,
      )
    }
    tensors.set(name, { name, shape, kind, offset, bytes })
  }
  checkOverlap(path, tensors.values())
  return { metadata, tensors }
}

/** The entries between the fixed start of the file and the list of tensors at byte `end`. */
async function readMetadata(path: string, end: number): Promise<Record<string, unknown>> {
  const bytes = Buffer.alloc(end - FIXED_BYTES)
  const file = await open(path)
  try {
    await readExactly(file, bytes, FIXED_BYTES, path)
  } finally {
    await file.close()
  }
  try {
    return decodeMetadata(bytes)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const message = `${path} has a corrupt header: its metadata holds what cannot be read (${why}); download it again`
    throw new ModelError('model_invalid', path, message, { cause })
  }
}

/** Reads what the parser takes for granted: that there is a file, of our magic and version. Returns its size. */
async function checkStart(path: string): Promise<number> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new ModelError(
      'model_not_found',
      path,
      `there is no model file ${path}; give the path of a .gguf file, a checkpoint folder or a known name`,
      { cause },
    )
  })
  const invalid = (message: string): ModelError => new ModelError('model_invalid', path, `${path} ${message}`)
  if (!found.isFile()) throw invalid('is not a file; expected a GGUF file')
  if (found.size < FIXED_BYTES)
    throw invalid(`has ${found.size} bytes, too few for a GGUF header (${FIXED_BYTES}); download the file again`)
  const start = Buffer.alloc(8)
  const file = await open(path)
  try {
    await readExactly(file, start, 0, path)
  } finally {
    await file.close()
  }
  if (start.toString('latin1', 0, 4) !== 'GGUF')
    throw invalid(
      `starts with the bytes ${start.toString('hex', 0, 4)}, a GGUF file with 47475546 ("GGUF"); it is another ` +
        'kind of file or corrupt',
    )
  const version = start.readUInt32LE(4)
  if (!VERSIONS.includes(version))
    throw invalid(`has GGUF version ${version}; this reader knows little-endian versions ${VERSIONS.join(' and ')}`)
  return found.size
}
