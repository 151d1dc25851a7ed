/** GGML's types whose nibbles are places in a table of 16 values: IQ4_NL, IQ4_XS and MXFP4. */
import { float16At } from '../../common/half.js'

/** Values of IQ4_NL and IQ4_XS, as ggml has them: denser around 0, where most weights are. */
const NON_LINEAR = Int8Array.of(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)

/** FP4 (e2m1), doubled to be whole: OCP Microscaling Formats 1.0, section 5.3.3. */
const E2M1_DOUBLED = Int8Array.of(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12)

/** 16 bytes of nibbles: the low ones are values 0-15, the high ones 16-31. */
function decodeTable(
  table: Int8Array,
  scale: number,
  bytes: Uint8Array,
  at: number,
  out: Float32Array,
  to: number,
): void {
  for (let i = 0; i < 16; i++) {
    out[to + i] = scale * table[bytes[at + i] & 15]
    out[to + i + 16] = scale * table[bytes[at + i] >> 4]
  }
}

/** scale, 32 nibbles */
export function decodeIQ4NL(bytes: Uint8Array, at: number, out: Float32Array, to: number): void {
  decodeTable(NON_LINEAR, float16At(bytes, at), bytes, at + 2, out, to)
}

/** scale, 16 high bit pairs and 8 low nibbles of the scales of 8 groups of 32 (less 32), 8 times 32 nibbles */
export function decodeIQ4XS(bytes: Uint8Array, at: number, out: Float32Array, to: number): void {
  const scale = float16At(bytes, at)
  const highs = bytes[at + 2] | (bytes[at + 3] << 8)
  for (let group = 0; group < 8; group++) {
    const low = (bytes[at + 4 + (group >> 1)] >> ((group & 1) * 4)) & 15
    const high = (highs >> (group * 2)) & 3
    const d = scale * ((low | (high << 4)) - 32)
    decodeTable(NON_LINEAR, d, bytes, at + 8 + group * 16, out, to + group * 32)
  }
}

/** A power of two (e8m0: 2^(e - 127), halved here as the table is doubled), 32 nibbles */
export function decodeMXFP4(bytes: Uint8Array, at: number, out: Float32Array, to: number): void {
  decodeTable(E2M1_DOUBLED, 2 ** (bytes[at] - 128), bytes, at + 1, out, to)
}
