/** 16-bit floats to float32 and back, by their bits. */

const TABLE = new Float32Array(1 << 16)
const single = new Float32Array(1)
const bits = new Uint32Array(single.buffer)

/** Bits of float32 infinity. */
const INFINITE = 0x7f800000
/** Bits of float32 65,520: from here on the nearest binary16 is infinite. */
const TOO_LARGE = 0x477ff000
/** Bits of float32 2^-14, the smallest normal binary16. */
const SMALLEST_NORMAL = 0x38800000
/** Bits of float32 0.5. */
const ONE_HALF = 0x3f000000
/** (127 - 15) << 23: what the exponents' biases differ by, at the place of a float32's exponent. */
const REBIAS = 0x38000000

for (let code = 0; code < TABLE.length; code++) {
  const [sign, exponent, mantissa] = [code & 0x8000 ? -1 : 1, (code >> 10) & 31, code & 1023]
  if (exponent === 31) TABLE[code] = mantissa ? NaN : sign * Infinity
  else TABLE[code] = exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1024 + mantissa) * 2 ** (exponent - 25)
}

/** IEEE 754 binary16. */
export function float16ToFloat32(code: number): number {
  return TABLE[code]
}

/** The binary16 at `bytes[at]`, low byte first. */
export function float16At(bytes: Uint8Array, at: number): number {
  return TABLE[bytes[at] | (bytes[at + 1] << 8)]
}

/** To the nearest binary16, ties to even; what is beyond its range (65,504) becomes infinite. */
export function float32ToFloat16(values: Float32Array): Uint16Array {
  const out = new Uint16Array(values.length)
  for (let i = 0; i < values.length; i++) out[i] = nearestHalf(values[i])
  return out
}

/** The code of the nearest binary16, as `float32ToFloat16` has it. */
export function nearestHalf(value: number): number {
  single[0] = Math.abs(value)
  const size = bits[0]
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  if (size > INFINITE) return 0x7e00
  if (size >= TOO_LARGE) return sign | 0x7c00
  if (size >= SMALLEST_NORMAL) return sign | ((size - REBIAS + 0xfff + ((size >> 13) & 1)) >> 13)
  // Half's subnormals are multiples of 2^-24, which is the last place of float32 numbers from 0.5 on.
  single[0] = single[0] + 0.5
  return sign | (bits[0] - ONE_HALF)
}

/** The upper half of a float32. */
export function bfloat16ToFloat32(code: number): number {
  bits[0] = code << 16
  return single[0]
}
