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
    const m = this.#m
    const signs = this.#signs
    const work = this.#scratch
    const group = new Float64Array(m)
    for (let start = 0; start < data.length; start += size) {
      for (let i = 0; i < size; i++) work[i] = data[start + i] * signs[i]
      mix(work, this.#block, group)
      hadamard(work, m)
      for (let i = 0; i < size; i++) data[start + i] = work[i]
    }
  }
}

/** Multiplies every m values of x by the transpose of `block` [m, m], in place; `group` [m] is for its own use. */
function mix(x: Float64Array, block: Float64Array, group: Float64Array): void {
  const m = group.length
  if (m === 1) {
    const factor = block[0]
    for (let i = 0; i < x.length; i++) x[i] *= factor
    return
  }
  for (let base = 0; base < x.length; base += m) {
    for (let i = 0; i < m; i++) group[i] = x[base + i]
    for (let j = 0; j < m; j++) {
      let sum = 0
      for (let i = 0; i < m; i++) sum += group[i] * block[j * m + i]
      x[base + j] = sum
    }
  }
}

/**
 * Unnormalized Hadamard transform over groups of `stride` values, in place. Two stages at a time, which halves the
 * passes over memory; each value goes through the same additions as by single stages.
 */
function hadamard(x: Float64Array, stride: number): void {
  let half = stride
  for (; 4 * half <= x.length; half *= 4) {
    for (let base = 0; base < x.length; base += 4 * half) {
      for (let i = base; i < base + half; i++) {
        const a = x[i]
        const b = x[i + half]
        const c = x[i + 2 * half]
        const d = x[i + 3 * half]
        const even = a + b
        const odd = a - b
        const nextEven = c + d
        const nextOdd = c - d
        x[i] = even + nextEven
        x[i + half] = odd + nextOdd
        x[i + 2 * half] = even - nextEven
        x[i + 3 * half] = odd - nextOdd
      }
    }
  }
  if (half === x.length) return
  for (let i = 0; i < half; i++) {
    const a = x[i]
    const b = x[i + half]
    x[i] = a + b
    x[i + half] = a - b
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
