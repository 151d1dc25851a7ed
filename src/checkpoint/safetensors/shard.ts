/**
 * One `.safetensors` file: eight bytes of header length, a JSON header of names, types, shapes and places, then the
 * data.
 */
import { open, stat } from 'node:fs/promises'
import { ModelError } from '../../spec/errors.js'
import { BF16, F16, F32, type BlockKind } from '../gguf/blocks.js'
import { BOOL, I32, I64 } from '../integer-kinds.js'
import { checkOverlap, readExactly, type StoredTensor } from '../stored-tensor.js'
import { asRecord } from '../../common/record.js'

const KINDS = new Map<unknown, BlockKind>([F32, F16, BF16, I64, I32, BOOL].map((kind) => [kind.name, kind]))
/** The format's own limit. */
const MAX_HEADER_BYTES = 100_000_000

/**
 * Reads the header and checks every tensor's type and place. Throws `ModelError` for a missing, truncated or corrupt
 * file.
 */
export async function readShard(path: string): Promise<Map<string, StoredTensor>> {
  const invalid = (message: string, cause?: unknown): ModelError =>
    new ModelError('model_invalid', path, `${path} ${message}`, { cause })
  const found = await stat(path).catch((cause: unknown) => {
    throw new ModelError('model_not_found', path, `${path} is missing; download the model's folder again`, { cause })
  })
  const [header, dataStart] = await readJsonHeader(path, found.size, invalid)
  const tensors = new Map<string, StoredTensor>()
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue
    const entry = asRecord(value)
    const kind = KINDS.get(entry?.dtype)
    if (!kind)
      throw invalid(
        `holds tensor ${name} in type ${JSON.stringify(entry?.dtype)}; this reader knows ` +
          `${[...KINDS.keys()].join(', ')}: convert the model to one of these`,
      )
    const [shape, place] = [numbers(entry?.shape), numbers(entry?.data_offsets)]
    if (!shape || shape.length === 0 || place?.length !== 2)
      throw invalid(`has a corrupt header: tensor ${name} lacks its shape or place; download it again`)
    const [start, end] = place
    const bytes = shape.reduce((product, size) => product * size, kind.bytes)
    if (end - start !== bytes || bytes === 0)
      throw invalid(
        `gives tensor ${name} [${shape.join(', ')}] in ${kind.name} ${end - start} bytes; it takes ${bytes}: ` +
          'download it again',
      )
    if (dataStart + end > found.size)
      throw invalid(
        `is truncated: tensor ${name} ends at byte ${dataStart + end}, the file has ${found.size}; download it again`,
      )
    tensors.set(name, { name, shape, kind, offset: dataStart + start, bytes })
  }
  checkOverlap(path, tensors.values())
  return tensors
}

async function readJsonHeader(
  path: string,
  fileBytes: number,
  invalid: (message: string, cause?: unknown) => ModelError,
): Promise<[Record<string, unknown>, number]> {
  const file = await open(path)
  try {
    const length = new DataView(new ArrayBuffer(8))
    if (fileBytes < 8) throw invalid(`has ${fileBytes} bytes, too few for a safetensors header; download it again`)
    await readExactly(file, new Uint8Array(length.buffer), 0, path)
    const headerBytes = Number(length.getBigUint64(0, true))
    if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > fileBytes) {
      throw invalid(
        `is truncated or no safetensors file: it states a header of ${headerBytes} bytes and has ${fileBytes} in ` +
          'all; download it again',
      )
    }
    const text = new Uint8Array(headerBytes)
    await readExactly(file, text, 8, path)
    const header = asRecord(JSON.parse(new TextDecoder().decode(text)))
    if (!header) throw invalid('has a header that is no JSON object; download it again')
    return [header, 8 + headerBytes]
  } catch (cause) {
    if (cause instanceof SyntaxError) throw invalid(`has a corrupt header (${cause.message}); download it again`, cause)
    throw cause
  } finally {
    await file.close()
  }
}

function numbers(value: unknown): number[] | undefined {
  return Array.isArray(value) &&
    value.every((item) => typeof item === 'number' && Number.isSafeInteger(item) && item >= 0)
    ? value
    : undefined
}
