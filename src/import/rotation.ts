/**
 * The orthogonal matrix R that the residual stream is rotated by before rounding to 8 bits: a random orthogonal m x m
 * block, a Hadamard transform over the power of two that is left, and random signs. It spreads outlier channels over
 * all channels, costs nothing when the model runs (every weight that reads or writes the stream is rotated at import)
 * and leaves fp32 results as they are. Plain arithmetic and square roots only, so every machine gets the same bits.
 */
export class Rotation {
  readonly size: number
  readonly #signs: Float64Array
  readonly #block: Float64Array
  readonly #m: number
  readonly #scratch: Float64Array

  /** R for vectors of `size` values; the same size always gives the same matrix. */
  constructor(size: number) {
    const power = size & -size
    const random = generator(size)
    this.size = size
    this.#m = size / power
    this.#signs = Float64Array.from({ length: size }, () => (random() < 0.5 ? -1 : 1) / Math.sqrt(power))
    this.#block = orthogonal(this.#m, random)
    this.#scratch = new Float64Array(size)
  }

  /** Replaces every row x of `data` [.., size] by x R. */
  apply(data: Float32Array): void {
    const { size } = this
    const [m, signs, block, work] = [this.#m, this.#signs, this.#block, this.#scratch]
    const signed = new Float64Array(m)
    for (let start = 0; start < data.length; start += size) {
      for (let base = 0; base < size; base += m) {
        for (let i = 0; i < m; i++) signed[i] = data[start + base + i] * signs[base + i]
        for (let j = 0; j < m; j++) {
          let sum = 0
          for (let i = 0; i < m; i++) sum += signed[i] * block[j * m + i]
          work[base + j] = sum
        }
      }
      hadamard(work, m)
      data.set(work, start)
    }
  }
}

/** Unnormalized Hadamard transform over groups of `stride` values, in place. */
function hadamard(x: Float64Array, stride: number): void {
  for (let half = stride; half < x.length; half *= 2) {
    for (let base = 0; base < x.length; base += 2 * half) {
      for (let i = base; i < base + half; i++) {
        const a = x[i]
        const b = x[i + half]
        x[i] = a + b
        x[i + half] = a - b
      }
    }
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
