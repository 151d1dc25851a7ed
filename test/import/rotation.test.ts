import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Rotation } from '../../src/import/rotation.js'

/** The matrix itself, by rotating the unit vectors. */
function matrix(size: number): Float32Array {
  const rows = Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0))
  new Rotation(size).apply(rows)
  return rows
}

for (const size of [1, 7, 8, 48, 45, 576]) {
  test(`is orthogonal for ${size} values`, () => {
    const r = matrix(size)
    for (let a = 0; a < size; a++) {
      for (let b = 0; b <= a; b += 1 + Math.floor(size / 50)) {
        let dot = 0
        for (let c = 0; c < size; c++) dot += r[a * size + c] * r[b * size + c]
        assert.ok(Math.abs(dot - (a === b ? 1 : 0)) < 1e-5, `rows ${a} and ${b}: ${dot}`)
      }
    }
  })
}

test('spreads one large value over all channels', () => {
  const r = matrix(576)
  assert.ok(r.every((value) => Math.abs(value) < 0.15))
})

test('is the same matrix whenever it is made', () => {
  assert.equal(matrix(48), matrix(48))
})

test.run()
