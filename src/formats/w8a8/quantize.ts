/**
 * Rounding weights to integers: one symmetric step per row of [out, in], so per output column of the graph's [in, out].
 */

/** Steps on each side of zero. */
const LEVELS = 127

export interface Quantized {
  /** int8 in the layout asked for. */
  values: Int8Array
  /** float32 [out]. */
  scale: Float32Array
}

/** Rounds [out, in] row by row; `values` stay [out, in]. A row of zeros gets step 1. */
export function quantizeRows(weights: Float32Array, out: number): Quantized {
  const cols = weights.length / out
  const values = new Int8Array(weights.length)
  const scale = new Float32Array(out)
  for (let r = 0; r < out; r++) {
    let largest = 0
    for (let i = r * cols; i < (r + 1) * cols; i++) {
      const magnitude = Math.abs(weights[i])
      if (magnitude > largest) largest = magnitude
    }
    scale[r] = largest === 0 ? 1 : largest / LEVELS
    const step = scale[r]
    for (let i = r * cols; i < (r + 1) * cols; i++) values[i] = Math.floor(weights[i] / step + 0.5)
  }
  return { values, scale }
}

/** [rows, cols] -> [cols, rows], for int8. */
export function transposeInt8(data: Int8Array, rows: number, cols: number): Int8Array {
  const out = new Int8Array(data.length)
  const tile = 64
  for (let r0 = 0; r0 < rows; r0 += tile) {
    for (let c0 = 0; c0 < cols; c0 += tile) {
      for (let r = r0; r < Math.min(rows, r0 + tile); r++) {
        for (let c = c0; c < Math.min(cols, c0 + tile); c++) out[c * rows + r] = data[r * cols + c]
      }
    }
  }
  return out
}

/** The same integers as uint8 around 128. `Uint8Array.from` collects its values in a list, which cannot hold 2^27. */
export function around128(values: Int8Array): Uint8Array {
  const out = new Uint8Array(values.length)
  for (let i = 0; i < values.length; i++) out[i] = values[i] + 128
  return out
}
