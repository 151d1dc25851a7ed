/** Rounding weights to integers: one symmetric step per row of [out, in]. */
import { roundRows } from '../../common/matrix-kernels.js'
import { MIDDLE } from '../../onnx/integers.js'
import type { IntegerType } from '../../spec/manifest.js'

/** Steps on each side of zero. */
const LEVELS = 127

export interface Quantized {
  /** In the layout asked for. */
  values: Int8Array | Uint8Array
  /** float32 [out]. */
  scale: Float32Array
}

/** Rounds [out, in] row by row; `values` stay [out, in]. A row of zeros gets step 1. */
export function quantizeRows(weights: Float32Array, out: number): Quantized {
  const { values, steps } = roundRows(weights, out, { levels: LEVELS, zero: 0, isTurned: false })
  return { values: asSigned(values), scale: steps }
}

/** Rounds [out, in] row by row; `values` as the graph has them, [in, out], uint8 around 128. */
export function quantizeColumns(weights: Float32Array, out: number, type: IntegerType): Quantized {
  const zero = type === 'uint8' ? MIDDLE : 0
  const { values, steps } = roundRows(weights, out, { levels: LEVELS, zero, isTurned: true })
  return { values: type === 'uint8' ? values : asSigned(values), scale: steps }
}

/** The same bytes. */
function asSigned({ buffer }: Uint8Array<ArrayBuffer>): Int8Array {
  return new Int8Array(buffer)
}
