/**
 * Which neighbours join to what: pairs of symbols with a rank, the lowest joined first, and the symbol that they make.
 * A hash table in typed arrays: vocabularies have half a million pairs, and texts ask for each of their neighbours.
 */

/** What `joinPairs` asks. */
export interface Pairs {
  /** Where the pair stands in `ranks` and `joined`; -1: the two never join. */
  find(left: number, right: number): number
  readonly ranks: Int32Array
  readonly joined: Int32Array
}

const EMPTY = -1

export class PairTable implements Pairs {
  private lefts: Int32Array
  private rights: Int32Array
  ranks: Int32Array
  joined: Int32Array
  size = 0

  /** Has room for `expected` pairs before it grows. */
  constructor(expected = 0) {
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(16, 2 * expected)))
    this.lefts = new Int32Array(capacity).fill(EMPTY)
    this.rights = new Int32Array(capacity)
    this.ranks = new Int32Array(capacity)
    this.joined = new Int32Array(capacity)
  }

  find(left: number, right: number): number {
    const place = this.placeOf(left, right)
    return this.lefts[place] === EMPTY ? -1 : place
  }

  /** Symbols are 0 and more. A pair that is there already gets the new values. */
  set(left: number, right: number, rank: number, joined: number): number {
    let place = this.placeOf(left, right)
    if (this.lefts[place] === EMPTY) {
      if (2 * (this.size + 1) > this.lefts.length) {
        this.grow()
        place = this.placeOf(left, right)
      }
      this.size++
    }
    this.lefts[place] = left
    this.rights[place] = right
    this.ranks[place] = rank
    this.joined[place] = joined
    return place
  }

  clear(): void {
    this.lefts.fill(EMPTY)
    this.size = 0
  }

  /** The place of the pair, or the empty one where it belongs. */
  private placeOf(left: number, right: number): number {
    const { lefts, rights } = this
    const mask = lefts.length - 1
    const mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)
    let place = (mixed ^ (mixed >>> 15)) & mask
    while (lefts[place] !== EMPTY && (lefts[place] !== left || rights[place] !== right)) place = (place + 1) & mask
    return place
  }

  private grow(): void {
    const { lefts, rights, ranks, joined } = this
    const larger = new PairTable(lefts.length)
    lefts.forEach((left, place) => {
      if (left !== EMPTY) larger.set(left, rights[place], ranks[place], joined[place])
    })
    this.lefts = larger.lefts
    this.rights = larger.rights
    this.ranks = larger.ranks
    this.joined = larger.joined
  }
}
