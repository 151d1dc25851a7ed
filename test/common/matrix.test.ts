import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  columnMax,
  reorderColumns,
  reorderRows,
  scaleColumns,
  scaleRows,
  stackRows,
  transpose,
} from '../../src/common/matrix.js'

const matrix = (): Float32Array => Float32Array.of(1, 2, 3, 4, 5, 6)

test('a transposed matrix has rows and columns exchanged, beyond one tile too', () => {
  assert.equal([...transpose(matrix(), 2, 3)], [1, 4, 2, 5, 3, 6])
  const large = Float32Array.from({ length: 70 * 45 }, (_, i) => i)
  const turned = transpose(large, 70, 45)
  assert.ok(large.every((value, i) => turned[(i % 45) * 70 + Math.floor(i / 45)] === value))
})

test('columns and rows are scaled in place', () => {
  const columns = matrix()
  scaleColumns(columns, [1, 10, 100])
  assert.equal([...columns], [1, 20, 300, 4, 50, 600])
  const rows = matrix()
  scaleRows(rows, [1, 10])
  assert.equal([...rows], [1, 2, 3, 40, 50, 60])
})

test('blocks of rows take the order given, and matrices stand one below the other', () => {
  assert.equal([...reorderRows(Float32Array.of(1, 2, 3, 4), 1, 2, [1, 0])], [3, 4, 1, 2])
  assert.equal([...reorderColumns(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), 2, [1, 0])], [3, 4, 1, 2, 7, 8, 5, 6])
  assert.equal([...stackRows(Float32Array.of(1), Float32Array.of(2, 3))], [1, 2, 3])
})

test("a column's largest magnitude is raised, never lowered", () => {
  assert.equal([...columnMax(Float32Array.of(-3, 1, 2, -1), Float32Array.of(0, 5))], [3, 5])
})

test.run()
