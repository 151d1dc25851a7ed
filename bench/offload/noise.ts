/** Generated weights: one block of random units, written over and over, from another place each time. */

/** Standard deviation of a matrix with `inputs` columns that keeps activations about as large as they come in. */
export const spreadOf = (inputs: number): number => 1 / Math.sqrt(inputs)

/** Standard deviation of random bytes read as int8. */
export const INT8_SPREAD = 256 / Math.sqrt(12)

/** Units between two starts: prime, so that starts repeat late. */
const STRIDE = 100_003

/** The same for the same length. */
export function randomBytes(length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4))
  let state = 1
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[i] = state
  }
  return new Uint8Array(words.buffer, 0, length)
}

export class Repeated {
  private readonly twice: Uint8Array
  private turns = 0

  /** `unit`: bytes that belong together; `block` holds a whole number of them. */
  constructor(
    block: Uint8Array,
    private readonly unit: number,
  ) {
    this.twice = new Uint8Array(2 * block.length)
    this.twice.set(block)
    this.twice.set(block, block.length)
  }

  /** So many bytes or one block's, if that is less: a view that nobody may write to. */
  next(bytes: number): Uint8Array {
    const block = this.twice.length / 2
    const start = (this.turns++ * STRIDE * this.unit) % block
    return this.twice.subarray(start, start + Math.min(bytes, block))
  }

  /** Views that together have so many bytes. */
  *pieces(bytes: number): Generator<Uint8Array> {
    for (let left = bytes; left > 0;) {
      const piece = this.next(left)
      left -= piece.length
      yield piece
    }
  }
}
