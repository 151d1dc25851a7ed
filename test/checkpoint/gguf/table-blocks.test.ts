/** Blocks written by hand; `blocks.test.ts` holds them to the reference implementation's values. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeIQ4NL, decodeIQ4XS, decodeMXFP4 } from '../../../src/checkpoint/gguf/table-blocks.js'

/** 0.5 as float16, low byte first. */
const HALF = [0x00, 0x38]

const filled = (length: number, value: number): number[] => Array.from({ length }, () => value)

function decoded(decode: typeof decodeIQ4NL, bytes: number[], values: number): Float32Array {
  const out = new Float32Array(values + 2).fill(9)
  decode(Uint8Array.from([255, ...bytes]), 1, out, 1)
  assert.equal([out[0], out[values + 1]], [9, 9], 'only its own values are written')
  return out.slice(1, values + 1)
}

test('IQ4_NL: scale x the value of the table at the nibble, low nibbles before high ones', () => {
  const values = decoded(decodeIQ4NL, [...HALF, 0x70, ...filled(15, 0xf8)], 32)
  assert.equal([values[0], values[16], values[1], values[17]], [0.5 * -127, 0.5 * -10, 0.5 * 1, 0.5 * 113])
})

test('IQ4_XS: each group of 32 has a scale of six bits less 32', () => {
  const highs = [0b11_10, 0]
  const lows = [0x21, 0, 0, 0]
  const values = decoded(decodeIQ4XS, [...HALF, ...highs, ...lows, ...filled(128, 0x88)], 256)
  const firsts = [0, 1, 2].map((group) => values[group * 32])
  assert.equal(firsts, [0.5 * (1 + 32 - 32), 0.5 * (2 + 48 - 32), 0.5 * -32])
})

test('MXFP4: a power of two x FP4, whose sign is its highest bit', () => {
  const values = decoded(decodeMXFP4, [127, 0xf7, ...filled(15, 0x91)], 32)
  assert.equal([values[0], values[16], values[1], values[17]], [6, -6, 0.5, -0.5])
  assert.is(decoded(decodeMXFP4, [0, ...filled(16, 2)], 32)[0], 2 ** -127, 'the least power is kept, subnormal')
})

test.run()
