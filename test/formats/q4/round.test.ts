import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { asHalves, halfStep, pack4, roundTo4, roundTo8 } from '../../../src/formats/q4/round.js'
import { seeded } from '../../support/random-llama.js'

const BLOCK = 32
const random = seeded(5)
const values = Float32Array.from({ length: 64 * BLOCK }, () => random() + random() + random() - 1.5)

function squares(round: typeof roundTo4, zero: number): number {
  const levels = new Uint8Array(BLOCK)
  let sum = 0
  for (let at = 0; at < values.length; at += BLOCK) {
    const step = round(values, at, BLOCK, levels)
    levels.forEach((level, i) => (sum += ((level - zero) * step - values[at + i]) ** 2))
  }
  return sum
}

/** The step that puts the largest value on the lowest of 16 levels, with no search. */
const unsearched: typeof roundTo4 = (from, at, count, levels) => {
  const block = [...from.subarray(at, at + count)]
  const largest = block.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0)
  const step = largest / -8
  block.forEach((value, i) => (levels[i] = Math.max(0, Math.min(15, Math.round(value / step) + 8))))
  return step
}

test('the step of 4 bits that is searched loses less than the one that takes the largest value', () => {
  const [searched, plain] = [squares(roundTo4, 8), squares(unsearched, 8)]
  assert.ok(searched < 0.9 * plain, `${searched} of ${plain}`)
})

test('8 bits lose half a step at most', () => {
  const bytes = new Uint8Array(BLOCK)
  const step = roundTo8(values, 0, BLOCK, bytes)
  bytes.forEach((byte, i) => assert.ok(Math.abs((byte - 128) * step - values[i]) <= 0.5001 * step))
})

test('a short block is filled with zeros, and a block of zeros has step 0', () => {
  for (const [round, zero] of [
    [roundTo4, 8],
    [roundTo8, 128],
  ] as const) {
    const levels = new Uint8Array(BLOCK)
    assert.ok(round(values, 0, 5, levels) !== 0)
    assert.ok(levels.subarray(5).every((level) => level === zero))
    assert.is(round(new Float32Array(BLOCK), 0, BLOCK, levels), 0)
    assert.ok(levels.every((level) => level === zero))
  }
})

test('two levels share a byte, the first in its low bits', () => {
  const levels = Uint8Array.from({ length: BLOCK }, (_, i) => i % 16)
  const packed = new Uint8Array(18)
  pack4(levels, packed, 1)
  assert.equal([...packed.subarray(0, 4)], [0, 0x10, 0x32, 0x54])
  assert.is(packed[17], 0)
})

test('a step becomes the nearest half, but where halves would lose more than their last place', () => {
  assert.is(halfStep(0.1), 0.0999755859375)
  assert.is(halfStep(-3), -3)
  assert.is(halfStep(1e6), 1e6)
  assert.is(halfStep(1.3e-7), 1.3e-7)
  assert.is(halfStep(0), 0)
})

test('steps are halves all together or not at all', () => {
  assert.equal([...asHalves(Float32Array.of(0.5, -1, 0))!], [0x3800, 0xbc00, 0])
  assert.is(asHalves(Float32Array.of(0.5, 1e6)), null)
  assert.is(asHalves(Float32Array.of(0.5, 0.1)), null)
})

test.run()
