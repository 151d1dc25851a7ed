/** Pairs of neighbours that may be joined, the best first: a binary heap. */

export interface Merge {
  score: number
  /** Where the left part, the right part and what follows them start in the text. */
  left: number
  right: number
  end: number
}

const comesFirst = (a: Merge, b: Merge): boolean => a.score > b.score || (a.score === b.score && a.left < b.left)

export class MergeQueue {
  /** The children of `i` are `2 i + 1` and `2 i + 2`; neither comes before it. */
  private readonly heap: Merge[] = []

  push(merge: Merge): void {
    const { heap } = this
    let at = heap.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!comesFirst(merge, heap[parent])) break
      heap[at] = heap[parent]
      at = parent
    }
    heap[at] = merge
  }

  /** The highest score, and of equal ones the leftmost. */
  pop(): Merge | undefined {
    const { heap } = this
    const [first] = heap
    const last = heap.pop()
    if (!last || heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && comesFirst(heap[child + 1], heap[child])) child++
      if (!comesFirst(heap[child], last)) break
      heap[at] = heap[child]
      at = child
    }
    heap[at] = last
    return first
  }
}
