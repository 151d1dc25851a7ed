/**
 * The metadata of a GGUF file out of its bytes. Read here, not taken from `@huggingface/gguf`, which drops a byte order
 * mark at the start of a text: there are tokens that begin with one.
 */
import { GGUFValueType } from '@huggingface/gguf'

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

type Read = (bytes: Buffer, at: number) => unknown

/** Bytes of a value of each type with a fixed size, and how it is read; little-endian. */
const SCALARS = new Map<GGUFValueType, readonly [bytes: number, read: Read]>([
  [GGUFValueType.UINT8, [1, (bytes, at) => bytes.readUInt8(at)]],
  [GGUFValueType.INT8, [1, (bytes, at) => bytes.readInt8(at)]],
  [GGUFValueType.BOOL, [1, (bytes, at) => bytes.readUInt8(at) !== 0]],
  [GGUFValueType.UINT16, [2, (bytes, at) => bytes.readUInt16LE(at)]],
  [GGUFValueType.INT16, [2, (bytes, at) => bytes.readInt16LE(at)]],
  [GGUFValueType.UINT32, [4, (bytes, at) => bytes.readUInt32LE(at)]],
  [GGUFValueType.INT32, [4, (bytes, at) => bytes.readInt32LE(at)]],
  [GGUFValueType.FLOAT32, [4, (bytes, at) => bytes.readFloatLE(at)]],
  [GGUFValueType.UINT64, [8, (bytes, at) => bytes.readBigUInt64LE(at)]],
  [GGUFValueType.INT64, [8, (bytes, at) => bytes.readBigInt64LE(at)]],
  [GGUFValueType.FLOAT64, [8, (bytes, at) => bytes.readDoubleLE(at)]],
])

/**
 * `bytes` holds the metadata's entries and nothing else. Throws `RangeError` or `TypeError` saying what is wrong: a
 * value beyond the end, text that is not UTF-8, an unknown type, a key twice, bytes left over.
 */
export function decodeMetadata(bytes: Buffer): Record<string, unknown> {
  const entries: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  let at = 0

  const fixed = (type: GGUFValueType): unknown => {
    const scalar = SCALARS.get(type)
    if (!scalar) throw new RangeError(`a value of unknown type ${type}`)
    at += scalar[0]
    return scalar[1](bytes, at - scalar[0])
  }
  const size = (): number => {
    const value = Number(fixed(GGUFValueType.UINT64))
    if (value > bytes.length - at) throw new RangeError(`a length of ${value} beyond its end`)
    return value
  }
  const text = (): string => {
    const length = size()
    at += length
    return utf8.decode(bytes.subarray(at - length, at))
  }
  const value = (type: GGUFValueType): unknown => {
    if (type === GGUFValueType.STRING) return text()
    if (type !== GGUFValueType.ARRAY) return fixed(type)
    const elements = fixed(GGUFValueType.UINT32) as GGUFValueType
    return Array.from({ length: size() }, () => value(elements))
  }

  while (at < bytes.length) {
    const key = text()
    if (Object.hasOwn(entries, key)) throw new RangeError(`the key "${key}" twice`)
    entries[key] = value(fixed(GGUFValueType.UINT32) as GGUFValueType)
  }
  return entries
}
