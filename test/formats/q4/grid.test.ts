import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { BLOCK, gridOf, isWideGrid } from '../../../src/formats/q4/grid.js'
import { seeded } from '../../support/random-llama.js'

const random = seeded(3)
const level = (count: number): number => Math.floor(random() * count)

/** d q + m, rounded to float32 as decoders do. */
function block(d: number, m: number, levels: readonly number[]): Float32Array {
  return Float32Array.from(levels, (q) => Math.fround(d * q) + m)
}

function restored(values: Float32Array): { values: number[]; shift: number } | null {
  const levels = new Uint8Array(BLOCK)
  const grid = gridOf(values, 0, levels)
  if (grid === null) return null
  assert.ok(levels.every((q) => q < 16))
  return { values: [...levels].map((q) => grid.step * (q - 8) + grid.shift), shift: grid.shift }
}

test('affine blocks keep their values, whatever of the 16 levels they use', () => {
  for (let trial = 0; trial < 200; trial++) {
    const [d, m] = [Math.fround(0.001 + random()), Math.fround(random() * 4 - 2)]
    const most = 2 + level(15)
    const values = block(
      d,
      m,
      Array.from({ length: BLOCK }, () => level(most)),
    )
    const found = restored(values)!
    values.forEach((value, i) =>
      assert.ok(Math.abs(found.values[i] - value) < 1e-3 * d + 1e-6 * Math.abs(m), `${trial}`),
    )
  }
})

test('blocks around their eighth level have no shift', () => {
  for (let trial = 0; trial < 200; trial++) {
    const d = Math.fround(0.001 + random())
    const levels = Array.from({ length: BLOCK }, () => level(16))
    assert.is(restored(block(d, -8 * d, levels))!.shift, 0)
    // A step of one level in two would need a shift.
    const odd = levels.map((q) => q | 1)
    assert.is(restored(block(d, -8 * d, odd))!.shift, 0)
  }
})

test('a block of one value keeps it', () => {
  for (const value of [0, 0.25, -3])
    assert.ok(restored(new Float32Array(BLOCK).fill(value))!.values.every((got) => Math.abs(got - value) < 1e-6))
})

test('values of more levels, and float ones, lie on no grid of 16', () => {
  assert.is(restored(block(0.5, 0, [0, 31, ...Array.from({ length: 30 }, (_, i) => i)])), null)
  assert.is(restored(Float32Array.from({ length: BLOCK }, () => random())), null)
})

test('values of 5 to 8 bits are told from float ones, wherever steps change', () => {
  const length = 64 * BLOCK
  const wide = Float32Array.from({ length }, (_, i) => (level(64) - 32) * Math.fround(0.1 + (i >> 4) / 999))
  assert.is(isWideGrid(wide), true)
  assert.is(isWideGrid(Float32Array.from({ length }, () => random() - 0.5)), false)
  assert.is(isWideGrid(new Float32Array(0)), false)
})

test.run()
