/**
 * Choosing a static activation step: the one that loses least by rounding and clipping together (mean squared error),
 * found on a histogram of the magnitudes that calibration saw.
 */
import { columnMax } from '../../common/matrix.js'

/** Steps on each side of zero. */
export const ACTIVATION_LEVELS = 127
const BINS = 4096
/** Clipping points tried: i / CANDIDATES of the largest magnitude. */
const CANDIDATES = 40

/** Best static step for activations; each of `rows` is [.., factors.length], its channels multiplied by `factors`. */
export function bestStep(rows: readonly Float32Array[], factors: Float32Array): number {
  const { counts, max } = histogram(rows, factors)
  if (max === 0) return 1
  let best = { step: 0, error: Infinity }
  for (let i = CANDIDATES; i > 0; i--) {
    const step = (max * i) / CANDIDATES / ACTIVATION_LEVELS
    const error = squaredError(counts, max, step)
    if (error < best.error) best = { step, error }
  }
  return best.step
}

function histogram(rows: readonly Float32Array[], factors: Float32Array): { counts: Float64Array; max: number } {
  const width = factors.length
  const counts = new Float64Array(BINS)
  const largest = new Float32Array(width)
  for (const data of rows) columnMax(data, largest)
  let max = 0
  for (let c = 0; c < width; c++) max = Math.max(max, largest[c] * factors[c])
  const perUnit = BINS / max
  for (const data of rows) {
    for (let i = 0; i < data.length; i += width) {
      for (let c = 0; c < width; c++) {
        const bin = Math.floor(Math.abs(data[i + c]) * factors[c] * perUnit)
        counts[bin < BINS ? bin : BINS - 1]++
      }
    }
  }
  return { counts, max }
}

/** Rounding error is taken at its expectation, step^2 / 12; beyond the last level a value loses what is cut off. */
function squaredError(counts: Float64Array, max: number, step: number): number {
  const clip = step * ACTIVATION_LEVELS
  let sum = 0
  for (let bin = 0; bin < BINS; bin++) {
    const x = ((bin + 0.5) * max) / BINS
    sum += counts[bin] * (x > clip ? (x - clip) ** 2 : step ** 2 / 12)
  }
  return sum
}
