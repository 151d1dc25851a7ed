import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { freeKernels, roundRows, turnColumns, turnRows, type Turn } from '../../src/common/matrix-kernels.js'
import { transpose } from '../../src/common/matrix.js'
import { seeded } from '../support/random-llama.js'

const random = seeded(4)
const noise = (length: number): Float32Array => Float32Array.from({ length }, () => (random() - 0.5) * 10)

function turnOf(size: number): Turn {
  const m = size / (size & -size)
  const signs = Float64Array.from({ length: size }, () => random() - 0.5)
  return { size, m, signs, block: Float64Array.from({ length: m * m }, () => random() - 0.5) }
}

/** A row turned by plain loops: signs, then every m values by the block, then the Hadamard transform stage by stage. */
function turned(x: Float32Array, { size, m, signs, block }: Turn): Float32Array {
  const mixed = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    const base = i - (i % m)
    for (let k = 0; k < m; k++) mixed[i] += x[base + k] * signs[base + k] * block[(i % m) * m + k]
  }
  for (let half = m; half < size; half *= 2)
    for (let i = 0; i < size; i++) {
      if (Math.floor(i / half) % 2 === 1) continue
      const [a, b] = [mixed[i], mixed[i + half]]
      mixed[i] = a + b
      mixed[i + half] = a - b
    }
  return Float32Array.from(mixed)
}

const rowsOf = (data: Float32Array, size: number): Float32Array[] =>
  Array.from({ length: data.length / size }, (_, row) => data.slice(row * size, (row + 1) * size))
const joined = (rows: readonly Float32Array[]): Float32Array => Float32Array.from(rows.flatMap((row) => [...row]))

for (const size of [1, 2, 7, 8, 48, 64, 96, 576]) {
  test(`rows and columns of ${size} values are turned to the bits of plain loops`, () => {
    const turn = turnOf(size)
    for (const count of [1, 2, 5, 8, 19]) {
      const data = noise(size * count)
      const expected = joined(rowsOf(data, size).map((row) => turned(row, turn)))
      const rows = data.slice()
      turnRows(rows, turn)
      assert.equal(rows, expected, `${count} rows`)
      const columns = transpose(data, count, size)
      turnColumns(columns, count, turn)
      assert.equal(transpose(columns, size, count), expected, `${count} columns`)
    }
  })
}

test('several vectors below each other are turned each by itself, and strips of many rows as one', () => {
  const turn = turnOf(8)
  const data = noise(3 * 8 * 5)
  const expected = joined(
    rowsOf(data, 8 * 5).map((group) => {
      turnColumns(group, 5, turn)
      return group
    }),
  )
  turnColumns(data, 5, turn)
  assert.equal(data, expected)
  const many = noise(8 * 70_001)
  const last = turned(many.slice(-8), turn)
  turnRows(many, turn)
  assert.equal(many.slice(-8), last)
})

test('factors are multiplied in before, rounded to float32', () => {
  const turn = turnOf(24)
  const [data, factors] = [noise(3 * 24), noise(24)]
  const scaled = data.map((value, i) => value * factors[i % 24])
  turnRows(scaled, turn)
  turnRows(data, turn, factors)
  assert.equal(data, scaled)
})

test('rows are rounded to the integers of plain loops, whatever their length and layout', () => {
  for (const [rows, cols] of [
    [1, 1],
    [3, 5],
    [64, 16],
    [130, 67],
  ]) {
    const data = noise(rows * cols)
    data[0] = -5.5
    const { values, steps } = roundRows(data, rows, { levels: 127, zero: 128, isTurned: false })
    rowsOf(data, cols).forEach((row, r) => {
      const step = Math.fround(row.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127)
      assert.is(steps[r], step)
      const expected = Array.from(row, (value) => Math.floor(value / step + 0.5) + 128)
      assert.equal([...values.subarray(r * cols, (r + 1) * cols)], expected)
    })
    const other = roundRows(data, rows, { levels: 127, zero: 128, isTurned: true })
    assert.equal(other.steps, steps)
    for (let i = 0; i < data.length; i++)
      if (other.values[(i % cols) * rows + Math.floor(i / cols)] !== values[i]) assert.unreachable(`value ${i}`)
  }
})

test('after the memory was given back, kernels work on a new one', () => {
  freeKernels()
  assert.equal([...roundRows(Float32Array.of(1, -1), 1, { levels: 1, zero: 0, isTurned: false }).values], [1, 255])
})

test.run()
