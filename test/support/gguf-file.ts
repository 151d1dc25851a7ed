/** Builds GGUF files for tests: any metadata and tensors, right or wrong. */

export type GgufValue = string | boolean | number | { float: number } | string[] | number[]

export interface GgufTensorData {
  name: string
  /** As GGUF stores them: innermost first. */
  dims: number[]
  /** Number of the tensor type: 0 F32, 1 F16, 8 Q8_0, ... */
  type: number
  data: Uint8Array
  /** Stated place in the data part; where it lies by default. */
  offset?: number
}

export interface GgufFile {
  metadata: Record<string, GgufValue>
  tensors: GgufTensorData[]
  magic?: string
  version?: number
}

const ALIGNMENT = 32
const [UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY] = [4, 5, 6, 7, 8, 9]

export function buildGguf({ metadata, tensors, magic = 'GGUF', version = 3 }: GgufFile): Buffer {
  const head = [Buffer.from(magic, 'latin1'), u32(version), u64(tensors.length), u64(Object.keys(metadata).length)]
  for (const [key, value] of Object.entries(metadata)) {
    head.push(text(key))
    // As arguments they are too many for a large vocabulary.
    for (const part of typed(value)) head.push(part)
  }
  const data: Buffer[] = []
  let offset = 0
  for (const tensor of tensors) {
    head.push(
      text(tensor.name),
      u32(tensor.dims.length),
      ...tensor.dims.map(u64),
      u32(tensor.type),
      u64(tensor.offset ?? offset),
    )
    data.push(padded(Buffer.from(tensor.data)))
    offset += data[data.length - 1].length
  }
  return Buffer.concat([padded(Buffer.concat(head)), ...data])
}

function typed(value: GgufValue): Buffer[] {
  if (typeof value === 'string') return [u32(STRING), text(value)]
  if (typeof value === 'boolean') return [u32(BOOL), Buffer.of(value ? 1 : 0)]
  if (typeof value === 'number') return [u32(UINT32), u32(value)]
  if (!Array.isArray(value)) return [u32(FLOAT32), f32(value.float)]
  const strings = value.every((item) => typeof item === 'string')
  return [
    u32(ARRAY),
    u32(strings ? STRING : INT32),
    u64(value.length),
    ...value.map((item) => (typeof item === 'string' ? text(item) : u32(item))),
  ]
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([u64(bytes.length), bytes])
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((ALIGNMENT - (bytes.length % ALIGNMENT)) % ALIGNMENT)])
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return bytes
}
