/**
 * GGML tensor types: how many values share a block, how many bytes it takes, and how it becomes float32. A row is a
 * whole number of blocks. Every product and sum below is exact or rounded once, so the values equal the reference
 * implementation's to the last bit.
 */
import { decodeQ2K, decodeQ3K, decodeQ4K, decodeQ5K, decodeQ6K } from './k-blocks.js'
import { decodeIQ4NL, decodeIQ4XS, decodeMXFP4 } from './table-blocks.js'
import { bfloat16ToFloat32, float16At } from '../../common/half.js'

/** Decodes one block at `bytes[at ...]` to `out[to ...]`. */
type DecodeBlock = (bytes: Uint8Array, at: number, out: Float32Array, to: number) => void

export interface BlockKind {
  name: string
  /** Values and bytes of one block. */
  values: number
  bytes: number
  /** Decodes `count` values (whole blocks) from `bytes[at ...]` to `out[to ...]`. */
  decode(bytes: Uint8Array, at: number, out: Float32Array, to: number, count: number): void
}

function kind(name: string, values: number, bytes: number, block: DecodeBlock): BlockKind {
  return {
    name,
    values,
    bytes,
    decode(from, at, out, to, count) {
      for (let done = 0; done < count; done += values, at += bytes) block(from, at, out, to + done)
    },
  }
}

/**
 * Float32 is copied as it lies: GGUF is little-endian, and so is every machine that ONNX Runtime's Node package
 * supports.
 */
export const F32: BlockKind = {
  name: 'F32',
  values: 1,
  bytes: 4,
  decode: (bytes, at, out, to, count) =>
    new Uint8Array(out.buffer, out.byteOffset + to * 4, count * 4).set(bytes.subarray(at, at + count * 4)),
}

const decodeF16: DecodeBlock = (bytes, at, out, to) => {
  out[to] = float16At(bytes, at)
}

const decodeBF16: DecodeBlock = (bytes, at, out, to) => {
  out[to] = bfloat16ToFloat32(bytes[at] | (bytes[at + 1] << 8))
}

/** scale, 32 signed bytes */
const decodeQ8: DecodeBlock = (bytes, at, out, to) => {
  const scale = float16At(bytes, at)
  for (let i = 0; i < 32; i++) out[to + i] = ((bytes[at + 2 + i] << 24) >> 24) * scale
}

/** 32 nibbles: the low ones are values 0-15, the high ones 16-31; `high` holds each value's fifth bit. */
function decodeNibbles(
  bytes: Uint8Array,
  at: number,
  high: number,
  scale: number,
  shift: number,
  minimum: number,
  out: Float32Array,
  to: number,
): void {
  for (let i = 0; i < 16; i++) {
    const pair = bytes[at + i]
    out[to + i] = ((pair & 15) + ((high >>> i) & 1) * 16 - shift) * scale + minimum
    out[to + i + 16] = ((pair >> 4) + ((high >>> (i + 16)) & 1) * 16 - shift) * scale + minimum
  }
}

const word = (bytes: Uint8Array, at: number): number =>
  bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)

const decodeQ40: DecodeBlock = (bytes, at, out, to) =>
  decodeNibbles(bytes, at + 2, 0, float16At(bytes, at), 8, 0, out, to)
const decodeQ41: DecodeBlock = (bytes, at, out, to) =>
  decodeNibbles(bytes, at + 4, 0, float16At(bytes, at), 0, float16At(bytes, at + 2), out, to)
const decodeQ50: DecodeBlock = (bytes, at, out, to) =>
  decodeNibbles(bytes, at + 6, word(bytes, at + 2), float16At(bytes, at), 16, 0, out, to)
const decodeQ51: DecodeBlock = (bytes, at, out, to) =>
  decodeNibbles(bytes, at + 8, word(bytes, at + 4), float16At(bytes, at), 0, float16At(bytes, at + 2), out, to)

export const F16 = kind('F16', 1, 2, decodeF16)
export const BF16 = kind('BF16', 1, 2, decodeBF16)

/** By GGML's number of the type. */
const KINDS = new Map<number, BlockKind>([
  [0, F32],
  [1, F16],
  [30, BF16],
  [8, kind('Q8_0', 32, 34, decodeQ8)],
  [2, kind('Q4_0', 32, 18, decodeQ40)],
  [3, kind('Q4_1', 32, 20, decodeQ41)],
  [6, kind('Q5_0', 32, 22, decodeQ50)],
  [7, kind('Q5_1', 32, 24, decodeQ51)],
  [10, kind('Q2_K', 256, 84, decodeQ2K)],
  [11, kind('Q3_K', 256, 110, decodeQ3K)],
  [12, kind('Q4_K', 256, 144, decodeQ4K)],
  [13, kind('Q5_K', 256, 176, decodeQ5K)],
  [14, kind('Q6_K', 256, 210, decodeQ6K)],
  [20, kind('IQ4_NL', 32, 18, decodeIQ4NL)],
  [23, kind('IQ4_XS', 256, 136, decodeIQ4XS)],
  [39, kind('MXFP4', 32, 17, decodeMXFP4)],
])

/** Types that files may have and this reader has not, for refusals by name. */
const OTHER_TYPES: Readonly<Record<number, string>> = {
  9: 'Q8_1',
  15: 'Q8_K',
  16: 'IQ2_XXS',
  17: 'IQ2_XS',
  18: 'IQ3_XXS',
  19: 'IQ1_S',
  21: 'IQ3_S',
  22: 'IQ2_S',
  24: 'I8',
  25: 'I16',
  26: 'I32',
  27: 'I64',
  28: 'F64',
  29: 'IQ1_M',
  34: 'TQ1_0',
  35: 'TQ2_0',
  40: 'NVFP4',
  41: 'Q1_0',
}

/** `type`: GGML's number. */
export function blockKind(type: number): BlockKind | undefined {
  return KINDS.get(type)
}

export function typeName(type: number): string {
  return KINDS.get(type)?.name ?? OTHER_TYPES[type] ?? `number ${type}`
}

export function supportedKinds(): string[] {
  return [...KINDS.values()].map((kind) => kind.name)
}
