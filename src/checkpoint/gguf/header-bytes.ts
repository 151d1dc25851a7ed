/**
 * A GGUF header out of its bytes: entries of metadata, then where each tensor lies. Little-endian. Texts keep a byte
 * order mark at their start: there are tokens that begin with one.
 */

/** What a header says of one tensor. */
export interface TensorInfo {
  name: string
  /** Innermost first. */
  dims: number[]
  /** GGML's number of its type. */
  type: number
  /** Bytes from the start of the data part. */
  offset: number
}

export interface HeaderBytes {
  metadata: Record<string, unknown>
  tensors: TensorInfo[]
  /** Bytes that the header takes of those given. */
  end: number
}

/** The bytes at hand end before what they hold does; `needs`: how many are needed at least. */
export class BeyondEnd extends RangeError {
  constructor(
    message: string,
    readonly needs: number,
  ) {
    super(message)
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

const [UINT32, STRING, ARRAY, UINT64] = [4, 8, 9, 10]

/** Bytes of a value of each type with a fixed size, and how it is read; by GGUF's number of the type. */
const SCALARS: Readonly<Record<number, readonly [bytes: number, read: (bytes: Buffer, at: number) => unknown]>> = {
  0: [1, (bytes, at) => bytes.readUInt8(at)],
  1: [1, (bytes, at) => bytes.readInt8(at)],
  2: [2, (bytes, at) => bytes.readUInt16LE(at)],
  3: [2, (bytes, at) => bytes.readInt16LE(at)],
  [UINT32]: [4, (bytes, at) => bytes.readUInt32LE(at)],
  5: [4, (bytes, at) => bytes.readInt32LE(at)],
  6: [4, (bytes, at) => bytes.readFloatLE(at)],
  7: [1, (bytes, at) => bytes.readUInt8(at) !== 0],
  [UINT64]: [8, (bytes, at) => bytes.readBigUInt64LE(at)],
  11: [8, (bytes, at) => bytes.readBigInt64LE(at)],
  12: [8, (bytes, at) => bytes.readDoubleLE(at)],
}

/** More dimensions than any tensor has: what says so is no header. */
const MOST_DIMS = 8

/**
 * `bytes` begin with the first entry. Throws `BeyondEnd` where they end too early, else `RangeError` or `TypeError`
 * saying what is wrong: an unknown type, a key twice, text that is not UTF-8.
 */
export function decodeHeader(bytes: Buffer, counts: { entries: number; tensors: number }): HeaderBytes {
  let at = 0

  const take = (length: number, what: string): number => {
    at += length
    if (at > bytes.length) throw new BeyondEnd(`${what} beyond its end`, at)
    return at - length
  }
  const fixed = (type: number): unknown => {
    const scalar = SCALARS[type]
    if (!scalar) throw new RangeError(`a value of unknown type ${type}`)
    return scalar[1](bytes, take(scalar[0], 'a value'))
  }
  const u32 = (): number => fixed(UINT32) as number
  const u64 = (): number => Number(fixed(UINT64))
  const text = (): string => {
    const length = u64()
    const start = take(length, `a text of ${length} bytes`)
    return utf8.decode(bytes.subarray(start, at))
  }
  const list = (): unknown[] => {
    const [type, length] = [u32(), u64()]
    // Every element takes a byte at least: a corrupt count is seen before memory is taken for it.
    if (length > bytes.length - at) throw new BeyondEnd(`a list of ${length} values beyond its end`, at + length)
    return Array.from({ length }, () => value(type))
  }
  const value = (type: number): unknown => (type === STRING ? text() : type === ARRAY ? list() : fixed(type))
  const dims = (): number[] => {
    const length = u32()
    if (length > MOST_DIMS) throw new RangeError(`a tensor of ${length} dimensions`)
    return Array.from({ length }, u64)
  }

  const metadata: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (let i = 0; i < counts.entries; i++) {
    const key = text()
    if (Object.hasOwn(metadata, key)) throw new RangeError(`the key "${key}" twice`)
    metadata[key] = value(u32())
  }
  const tensors: TensorInfo[] = []
  for (let i = 0; i < counts.tensors; i++) tensors.push({ name: text(), dims: dims(), type: u32(), offset: u64() })
  return { metadata, tensors, end: at }
}
