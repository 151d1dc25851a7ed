// Counter-based noise: Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC
// 2011). Adds, rotations and xors only, so four counters go through the rounds at once, equal to the last bit
// everywhere.

/** What a stream of noise is for; part of its key, so that streams never share a number. */
export const TARGET: u32 = 1
export const TAIL: u32 = 2
export const DRAFT: u32 = 3
export const WALK: u32 = 4

const PARITY: u32 = 0x1bd11bda

/** Words of the last scalar call. */
export let word0: u32 = 0
export let word1: u32 = 0

/** Key of the last `deriveKey`. */
export let key0: u32 = 0
export let key1: u32 = 0

/** Words of the last SIMD call: counters (c0, c1 + lane). */
export let words0: v128 = i32x4.splat(0)
export let words1: v128 = i32x4.splat(0)

// prettier-ignore
@inline function mix(r: i32): void {
  word0 += word1
  word1 = rotl<u32>(word1, r)
  word1 ^= word0
}

/** Sets `word0`, `word1`. */
export function threefry(k0: u32, k1: u32, c0: u32, c1: u32): void {
  const k2 = PARITY ^ k0 ^ k1
  word0 = c0 + k0
  word1 = c1 + k1
  mix(13); mix(15); mix(26); mix(6)
  word0 += k1; word1 += k2 + 1
  mix(17); mix(29); mix(16); mix(24)
  word0 += k2; word1 += k0 + 2
  mix(13); mix(15); mix(26); mix(6)
  word0 += k0; word1 += k1 + 3
  mix(17); mix(29); mix(16); mix(24)
  word0 += k1; word1 += k2 + 4
  mix(13); mix(15); mix(26); mix(6)
  word0 += k2; word1 += k0 + 5
}

/**
 * Sets `key0`, `key1`: the key of one stream of one choice of one request; `tag` tells streams of one domain
 * apart. `key` points at u32 seed low, seed high, choice.
 */
export function deriveKey(key: usize, domain: u32, tag: u32): void {
  threefry(load<u32>(key), load<u32>(key, 4), load<u32>(key, 8), domain)
  threefry(word0, word1, tag, 0)
  key0 = word0
  key1 = word1
}

// prettier-ignore
@inline function rotateLanes(v: v128, r: i32): v128 {
  return v128.or(i32x4.shl(v, r), i32x4.shr_u(v, 32 - r))
}

/** Sets `words0`, `words1` for the counters (c0, c1 + 0 .. 3). */
// prettier-ignore
@inline export function threefry4(k0: u32, k1: u32, c0: u32, c1: u32): void {
  const k2 = PARITY ^ k0 ^ k1
  let a = i32x4.splat(c0 + k0)
  let b = i32x4.add(i32x4.splat(c1 + k1), i32x4(0, 1, 2, 3))
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 13), a)
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 15), a)
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 26), a)
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 6), a)
  a = i32x4.add(a, i32x4.splat(k1)); b = i32x4.add(b, i32x4.splat(k2 + 1))
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 17), a)
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 29), a)
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 16), a)
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 24), a)
  a = i32x4.add(a, i32x4.splat(k2)); b = i32x4.add(b, i32x4.splat(k0 + 2))
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 13), a)
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 15), a)
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 26), a)
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 6), a)
  a = i32x4.add(a, i32x4.splat(k0)); b = i32x4.add(b, i32x4.splat(k1 + 3))
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 17), a)
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 29), a)
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 16), a)
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 24), a)
  a = i32x4.add(a, i32x4.splat(k1)); b = i32x4.add(b, i32x4.splat(k2 + 4))
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 13), a)
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 15), a)
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 26), a)
  a = i32x4.add(a, b); b = v128.xor(rotateLanes(b, 6), a)
  words0 = i32x4.add(a, i32x4.splat(k2))
  words1 = i32x4.add(b, i32x4.splat(k0 + 5))
}
