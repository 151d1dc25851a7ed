/** Small dense steps of import, on row-major float32 matrices [rows, cols]. */
import { joined } from './joined.js'

/** [rows, cols] -> [cols, rows]. */
export function transpose(data: Float32Array, rows: number, cols: number): Float32Array {
  const out = new Float32Array(data.length)
  const tile = 32
  for (let r0 = 0; r0 < rows; r0 += tile) {
    for (let c0 = 0; c0 < cols; c0 += tile) {
      for (let r = r0; r < Math.min(rows, r0 + tile); r++) {
        for (let c = c0; c < Math.min(cols, c0 + tile); c++) out[c * rows + r] = data[r * cols + c]
      }
    }
  }
  return out
}

/** Multiplies column c of every row by factors[c], in place. */
export function scaleColumns(data: Float32Array, factors: ArrayLike<number>): void {
  const cols = factors.length
  for (let i = 0; i < data.length; i += cols) for (let c = 0; c < cols; c++) data[i + c] *= factors[c]
}

/** Multiplies row r [cols] by factors[r], in place. */
export function scaleRows(data: Float32Array, factors: ArrayLike<number>): void {
  const cols = data.length / factors.length
  for (let r = 0; r < factors.length; r++) for (let i = r * cols; i < (r + 1) * cols; i++) data[i] *= factors[r]
}

/** Rows in blocks of `block` rows, in the order given: block i of the result is block order[i]. */
export function reorderRows(data: Float32Array, cols: number, block: number, order: readonly number[]): Float32Array {
  const size = block * cols
  const out = new Float32Array(data.length)
  order.forEach((from, to) => out.set(data.subarray(from * size, (from + 1) * size), to * size))
  return out
}

/** Columns in blocks of `block` columns, in the order given: block i of each row of the result is block order[i]. */
export function reorderColumns(data: Float32Array, block: number, order: readonly number[]): Float32Array {
  const cols = block * order.length
  const out = new Float32Array(data.length)
  for (let row = 0; row < data.length; row += cols)
    order.forEach((from, to) => out.set(data.subarray(row + from * block, row + (from + 1) * block), row + to * block))
  return out
}

/** Matrices of equal width, one below the other. */
export function stackRows(...parts: Float32Array[]): Float32Array {
  return joined(Float32Array, parts)
}

/** max |x| of every column, over all rows; raises `into` where it is larger. */
export function columnMax(data: Float32Array, into: Float32Array): Float32Array {
  const cols = into.length
  for (let i = 0; i < data.length; i += cols) {
    for (let c = 0; c < cols; c++) {
      const value = Math.abs(data[i + c])
      if (value > into[c]) into[c] = value
    }
  }
  return into
}
