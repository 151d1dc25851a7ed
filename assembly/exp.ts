// exp for four floats at once: range reduction to |r| <= ln(2)/2, a polynomial, and the power of two added to the
// exponent bits. Relative error below 2e-7. Only for arguments <= 0; below -86, and for NaN, the result is exactly 0.

const LOG2_E: f32 = 1.44269504
const LN2_HIGH: f32 = 0.693359375
const LN2_LOW: f32 = -2.12194440e-4
/** 1.5 * 2^23: adding it rounds to a whole number that stands in the low bits. */
const ROUND: f32 = 12582912.0
export const LOWEST: f32 = -86.0

// prettier-ignore
@inline export function exp4(x: v128): v128 {
  const t = f32x4.add(f32x4.mul(x, f32x4.splat(LOG2_E)), f32x4.splat(ROUND))
  const n = f32x4.sub(t, f32x4.splat(ROUND))
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH))), f32x4.mul(n, f32x4.splat(LN2_LOW)))
  let y = f32x4.splat(1.9875691500e-4)
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(1.3981999507e-3))
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(8.3334519073e-3))
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(4.1665795894e-2))
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(1.6666665459e-1))
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(5.0000001201e-1))
  y = f32x4.add(f32x4.add(f32x4.mul(y, f32x4.mul(r, r)), r), f32x4.splat(1.0))
  const scaled = i32x4.add(y, i32x4.shl(t, 23))
  return v128.and(scaled, f32x4.ge(x, f32x4.splat(LOWEST)))
}
