/** K blocks written by hand; `blocks.test.ts` holds them to the reference implementation's values. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeQ2K, decodeQ3K, decodeQ4K, decodeQ5K, decodeQ6K } from '../../../src/checkpoint/gguf/k-blocks.js'

/** 1 and 0.5 as float16, low byte first. */
const ONE = [0x00, 0x3c]
const HALF = [0x00, 0x38]

/** Scales 1, 2, 3, 4 and minima 5, 6, 7, 8 of the first four groups; 17 and 18 of the fifth; zeros for the rest. */
const PACKED = [1 | (1 << 6), 2, 3, 4, 5 | (1 << 6), 6, 7, 8, 1 | (2 << 4), 0, 0, 0]

const filled = (length: number, value: number): number[] => Array.from({ length }, () => value)

function decoded(decode: typeof decodeQ4K, bytes: number[]): Float32Array {
  const out = new Float32Array(256 + 2).fill(9)
  decode(Uint8Array.from([255, ...bytes]), 1, out, 1)
  assert.equal([out[0], out[257]], [9, 9], 'only its own 256 values are written')
  return out.slice(1, 257)
}

test('Q4_K: scale x group scale x nibble less minimum, low nibbles of 32 bytes before the high ones', () => {
  const values = decoded(decodeQ4K, [...ONE, ...HALF, ...PACKED, ...filled(128, 0x31)])
  const firsts = [0, 1, 2, 3, 4, 5].map((group) => values[group * 32])
  assert.equal(firsts, [
    1 * 1 - 0.5 * 5,
    2 * 3 - 0.5 * 6,
    3 * 1 - 0.5 * 7,
    4 * 3 - 0.5 * 8,
    (1 + 16) * 1 - 0.5 * (2 + 16),
    0,
  ])
  assert.is(values[31], values[0])
})

test('Q5_K: bit `group` of the byte before adds 16 to the nibble', () => {
  const high = filled(32, 0)
  high[3] = 0b10
  const values = decoded(decodeQ5K, [...ONE, ...HALF, ...PACKED, ...high, ...filled(128, 0x31)])
  assert.is(values[32 + 3], 2 * (3 + 16) - 3)
  assert.is(values[32 + 4], 2 * 3 - 3)
  assert.is(values[3], 1 - 2.5)
})

test('Q6_K: six bits less 32, sixteen signed scales of 16 values', () => {
  const low = filled(128, 0)
  const high = filled(64, 0)
  const scales = filled(16, 1)
  low[0] = 0x5f
  high[0] = 0b01_00_00_11
  scales[4] = 0xfe
  const values = decoded(decodeQ6K, [...low, ...high, ...scales, ...HALF])
  assert.is(values[0], 0.5 * (15 + 48 - 32))
  assert.is(values[1], 0.5 * -32)
  assert.is(values[64], 0.5 * -2 * (5 - 32))
  assert.is(values[96], 0.5 * (16 - 32))
})

test('Q2_K: groups of 16 with a scale and a minimum of four bits each', () => {
  const scales = [0x21, 0x43, ...filled(14, 0)]
  const values = decoded(decodeQ2K, [...scales, ...filled(64, 0b11_10_01_00 + 2), ...ONE, ...HALF])
  assert.equal([values[0], values[16], values[32]], [1 * 2 - 0.5 * 2, 3 * 2 - 0.5 * 4, 0])
})

test('Q3_K: a third bit that is not set takes 4 off; scales of six bits less 32', () => {
  const thirds = [1, ...filled(31, 0)]
  const pairs = filled(64, 0b11)
  const scales = [0x03, ...filled(7, 0), 0b10, 0, 0, 0]
  const values = decoded(decodeQ3K, [...thirds, ...pairs, ...scales, ...HALF])
  assert.equal([values[0], values[1]], [0.5 * (3 + 32 - 32) * 3, 0.5 * 3 * (3 - 4)])
  assert.is(values[16], 0.5 * -32 * -1)
  assert.is(values[32], 0.5 * -32 * -4)
})

test.run()
