/** 16-bit floats to float32, by their bits. */

const TABLE = new Float32Array(1 << 16)
const single = new Float32Array(1)
const bits = new Uint32Array(single.buffer)

for (let code = 0; code < TABLE.length; code++) {
  const [sign, exponent, mantissa] = [code & 0x8000 ? -1 : 1, (code >> 10) & 31, code & 1023]
  if (exponent === 31) TABLE[code] = mantissa ? NaN : sign * Infinity
  else TABLE[code] = exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1024 + mantissa) * 2 ** (exponent - 25)
}

/** IEEE 754 binary16. */
export function float16ToFloat32(code: number): number {
  return TABLE[code]
}

/** The upper half of a float32. */
export function bfloat16ToFloat32(code: number): number {
  bits[0] = code << 16
  return single[0]
}
