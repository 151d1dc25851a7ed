/** Places where two neighbours may be joined, the best first: a binary heap of numbers. */

/** A key is rank * PLACES + place: exact for ranks below 2^22. */
const PLACES = 2 ** 31

export class MergeQueue {
  /** The children of `i` are `2 i + 1` and `2 i + 2`; neither is smaller. */
  private heap = new Float64Array(64)
  private size = 0
  /** Of the merge that was popped last. */
  rank = 0
  place = 0

  push(rank: number, place: number): void {
    if (this.size === this.heap.length) this.fit(2 * this.size)
    const { heap } = this
    const key = rank * PLACES + place
    let at = this.size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (heap[parent] <= key) break
      heap[at] = heap[parent]
      at = parent
    }
    heap[at] = key
  }

  /** Sets `rank` and `place` to the lowest rank, of equal ones the leftmost place; false where there is none. */
  pop(): boolean {
    const { heap } = this
    if (this.size === 0) return false
    this.rank = Math.floor(heap[0] / PLACES)
    this.place = heap[0] - this.rank * PLACES
    const size = --this.size
    const last = heap[size]
    let at = 0
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && heap[child + 1] < heap[child]) child++
      if (last <= heap[child]) break
      heap[at] = heap[child]
      at = child
    }
    heap[at] = last
    return true
  }

  /** Forgets all; memory that a long text took is given back. */
  clear(): void {
    this.size = 0
    if (this.heap.length > 2 ** 16) this.heap = new Float64Array(64)
  }

  private fit(capacity: number): void {
    const larger = new Float64Array(capacity)
    larger.set(this.heap)
    this.heap = larger
  }
}
