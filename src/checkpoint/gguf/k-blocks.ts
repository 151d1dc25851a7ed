/** GGML's K types: blocks of 256 values in groups with 6- or 8-bit scales of their own, under one float16 scale. */
import { float16At } from '../../common/half.js'

/**
 * Eight 6-bit scales and eight 6-bit minima packed in 12 bytes: the first four of each lie in the low six bits of bytes
 * 0-3 and 4-7, the rest in the nibbles of bytes 8-11 with their top two bits in the bytes before.
 */
function scaleOf(bytes: Uint8Array, at: number, group: number): number {
  return group < 4 ? bytes[at + group] & 63 : (bytes[at + group + 4] & 15) | ((bytes[at + group - 4] >> 6) << 4)
}

function minimumOf(bytes: Uint8Array, at: number, group: number): number {
  return group < 4 ? bytes[at + group + 4] & 63 : (bytes[at + group + 4] >> 4) | ((bytes[at + group] >> 6) << 4)
}

/**
 * scale, scale of the minima, 12 bytes of packed scales, 128 bytes of nibbles: 32 bytes hold group 2k low and group 2k
 * + 1 high.
 */
export function decodeQ4K(bytes: Uint8Array, at: number, out: Float32Array, to: number): void {
  const [scale, minScale] = [float16At(bytes, at), float16At(bytes, at + 2)]
  for (let group = 0; group < 8; group++) {
    const [d, m] = [scale * scaleOf(bytes, at + 4, group), minScale * minimumOf(bytes, at + 4, group)]
    const [from, shift] = [at + 16 + (group >> 1) * 32, (group & 1) * 4]
    for (let i = 0; i < 32; i++) out[to + group * 32 + i] = d * ((bytes[from + i] >> shift) & 15) - m
  }
}

/** As Q4_K, with 32 bytes of fifth bits (bit `group` of byte i) before the nibbles. */
export function decodeQ5K(bytes: Uint8Array, at: number, out: Float32Array, to: number): void {
  const [scale, minScale] = [float16At(bytes, at), float16At(bytes, at + 2)]
  for (let group = 0; group < 8; group++) {
    const [d, m] = [scale * scaleOf(bytes, at + 4, group), minScale * minimumOf(bytes, at + 4, group)]
    const [from, shift] = [at + 48 + (group >> 1) * 32, (group & 1) * 4]
    for (let i = 0; i < 32; i++) {
      const high = ((bytes[at + 16 + i] >> group) & 1) * 16
      out[to + group * 32 + i] = d * (((bytes[from + i] >> shift) & 15) + high) - m
    }
  }
}

/**
 * 128 bytes of low nibbles, 64 bytes of high bit pairs, 16 signed scales, scale. Each half of 128 values is four runs
 * of 32.
 */
export function decodeQ6K(bytes: Uint8Array, at: number, out: Float32Array, to: number): void {
  const scale = float16At(bytes, at + 208)
  for (let run = 0; run < 8; run++) {
    const [upper, quarter] = [run >> 2, run & 3]
    const [low, high] = [at + upper * 64 + (quarter & 1) * 32, at + 128 + upper * 32]
    for (let i = 0; i < 32; i++) {
      const value = ((bytes[low + i] >> ((quarter >> 1) * 4)) & 15) | (((bytes[high + i] >> (quarter * 2)) & 3) << 4)
      const d = scale * ((bytes[at + 192 + run * 2 + (i >> 4)] << 24) >> 24)
      out[to + run * 32 + i] = d * (value - 32)
    }
  }
}

/**
 * 16 bytes of nibbles (scale low, minimum high) for groups of 16, 64 bytes of bit pairs, scale, scale of the minima.
 */
export function decodeQ2K(bytes: Uint8Array, at: number, out: Float32Array, to: number): void {
  const [scale, minScale] = [float16At(bytes, at + 80), float16At(bytes, at + 82)]
  for (let group = 0; group < 16; group++) {
    const [d, m] = [scale * (bytes[at + group] & 15), minScale * (bytes[at + group] >> 4)]
    const { from, shift } = pairsOf(group, at + 16)
    for (let i = 0; i < 16; i++) out[to + group * 16 + i] = d * ((bytes[from + i] >> shift) & 3) - m
  }
}

/**
 * 32 bytes of third bits (bit k of byte i is value 32 k + i's; 0 takes 4 off), 64 bytes of bit pairs, 12 bytes of
 * packed 6-bit scales of groups of 16 (less 32), scale.
 */
export function decodeQ3K(bytes: Uint8Array, at: number, out: Float32Array, to: number): void {
  const scale = float16At(bytes, at + 108)
  const scales = at + 96
  for (let group = 0; group < 16; group++) {
    const low = (bytes[scales + (group & 7)] >> ((group >> 3) * 4)) & 15
    const high = (bytes[scales + 8 + (group & 3)] >> ((group >> 2) * 2)) & 3
    const d = scale * ((low | (high << 4)) - 32)
    const { from, shift } = pairsOf(group, at + 32)
    const thirds = at + (group & 1) * 16
    for (let i = 0; i < 16; i++) {
      const third = (bytes[thirds + i] >> (group >> 1)) & 1
      out[to + group * 16 + i] = d * (((bytes[from + i] >> shift) & 3) - (third ? 0 : 4))
    }
  }
}

/** Where the bit pairs of a group of 16 values lie: 32 bytes hold 128 values, the first 32 in their lowest pairs. */
function pairsOf(group: number, start: number): { from: number; shift: number } {
  return { from: start + (group >> 3) * 32 + (group & 1) * 16, shift: ((group >> 1) & 3) * 2 }
}
