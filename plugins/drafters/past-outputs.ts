/**
 * Answers that this server gave before, to be guessed from: a ring of their tokens, the oldest overwritten first, and
 * for every place in it the one before at which the same few tokens stood (the hash chains of LZ77 compressors).
 * Finding and adding take a few steps a token, memory is fixed at opening: 12 to 16 bytes for each token of the ring.
 */

/** Tokens that must be equal for a place to be found at all: shorter matches in others' texts say little. */
const GRAM = 3
/** Most places looked at for one guess. */
const MOST_STEPS = 64
/** Stands between two texts, and matches nothing. */
const END = -1

/** A place in an earlier answer up to which it reads like the end of a text. */
export interface PastPlace {
  /** Tokens that match, at least `GRAM`. */
  match: number
  /** The token that came so many places later; undefined behind the answer's end. */
  next(depth: number): number | undefined
}

export class PastOutputs {
  /** [size] the last `size` tokens, `END` before each text; place p lies at p % size. */
  private readonly ring: Int32Array
  /** [size] how far back the last place with the same hash is; 0: none. */
  private readonly back: Int32Array
  /** [a power of two] 1 + the last place with this hash; 0: none. */
  private readonly last: Float64Array
  /** Tokens ever written: the next place. */
  private written = 0

  constructor(private readonly size: number) {
    this.ring = new Int32Array(size)
    this.back = new Int32Array(size)
    this.last = new Float64Array(2 ** Math.floor(Math.log2(size)))
  }

  add(text: readonly number[]): void {
    this.write(END)
    for (const token of text) this.write(token)
    this.write(END)
  }

  /** Places that read like the end of `text`, the latest first. */
  find(text: readonly number[], maxMatch: number, most: number): PastPlace[] {
    const found: PastPlace[] = []
    if (text.length < GRAM) return found
    const end = text.length - 1
    let place = this.last[this.hash((i) => text[end - i])] - 1
    for (let step = 0; step < MOST_STEPS && found.length < most && this.holds(place); step++) {
      const at = place
      let match = 0
      while (match < maxMatch && match <= end && this.tokenAt(at - match) === text[end - match]) match++
      if (match >= GRAM) found.push({ match, next: (depth) => this.tokenAt(at + 1 + depth) })
      const back = this.back[place % this.size]
      place = back === 0 ? -1 : place - back
    }
    return found
  }

  private write(token: number): void {
    const place = this.written++
    this.ring[place % this.size] = token
    this.back[place % this.size] = 0
    if (token === END || place < GRAM) return
    const hash = this.hash((i) => this.ring[(place - i) % this.size])
    const before = this.last[hash] - 1
    this.last[hash] = place + 1
    if (this.holds(before)) this.back[place % this.size] = place - before
  }

  /** Of the last `GRAM` tokens; `token(i)` is the one i places before the last. */
  private hash(token: (i: number) => number): number {
    let mixed = 0
    for (let i = 0; i < GRAM; i++) mixed = Math.imul(mixed ^ token(i), 0x9e3779b1) ^ (mixed >>> 15)
    return (mixed >>> 0) % this.last.length
  }

  private holds(place: number): boolean {
    return place >= 0 && place < this.written && place >= this.written - this.size
  }

  private tokenAt(place: number): number | undefined {
    const token = this.holds(place) ? this.ring[place % this.size] : END
    return token === END ? undefined : token
  }
}
