/**
 * The orthogonal matrix R that the residual stream is rotated by before rounding to 8 bits: a random orthogonal m x m
 * block, a Hadamard transform over the power of two that is left, and random signs. It spreads outlier channels over
 * all channels, costs nothing when the model runs (every weight that reads or writes the stream is rotated at import)
 * and leaves fp32 results as they are. Plain arithmetic and square roots only, so every machine gets the same bits.
 */
import { turnColumns, turnRows, type Turn } from '../common/matrix-kernels.js'

export class Rotation {
  readonly #turn: Turn

  /** R for vectors of `size` values; the same size always gives the same matrix. */
  constructor(size: number) {
    const power = size & -size
    const random = generator(size)
    const m = size / power
    const signs = Float64Array.from({ length: size }, () => (random() < 0.5 ? -1 : 1) / Math.sqrt(power))
    this.#turn = { size, m, signs, block: orthogonal(m, random) }
  }

  /** Replaces every row x of `data` [.., size] by x R; `factors` [size]: its values are multiplied by them before. */
  apply(data: Float32Array, factors?: Float32Array): void {
    turnRows(data, this.#turn, factors)
  }

  /**
   * Replaces every column x of `data` [.., cols], `size` values below each other, by x R: what a matrix [out, in]
   * writes, one vector of that size or several below each other.
   */
  applyDown(data: Float32Array, cols: number): void {
    turnColumns(data, cols, this.#turn)
  }
}

/** Random orthogonal [m, m] by Gram-Schmidt, done twice for accuracy. */
function orthogonal(m: number, random: () => number): Float64Array {
  const q = Float64Array.from({ length: m * m }, () => random() + random() + random() + random() - 2)
  for (let row = 0; row < m; row++) {
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < row; other++) {
        let dot = 0
        for (let i = 0; i < m; i++) dot += q[row * m + i] * q[other * m + i]
        for (let i = 0; i < m; i++) q[row * m + i] -= dot * q[other * m + i]
      }
      let square = 0
      for (let i = 0; i < m; i++) square += q[row * m + i] ** 2
      for (let i = 0; i < m; i++) q[row * m + i] /= Math.sqrt(square)
    }
  }
  return q
}

/** Uniform numbers in [0, 1) from a 32-bit seed (an integer hash of a counter). */
function generator(seed: number): () => number {
  let counter = seed >>> 0
  return () => {
    counter = (counter + 0x9e3779b9) >>> 0
    let z = counter
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32
  }
}
