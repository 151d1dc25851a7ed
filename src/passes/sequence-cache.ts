/**
 * One sequence's rows in one model's K/V cache: its lane, which slot each committed token lies in, and which slots are
 * visible. Rows are never moved: an accepted node's slot is kept, a rejected one goes back to the free list.
 */
import type { SlotPool } from './slot-pool.js'

export class SequenceCache {
  /** Slot of each committed token, in position order. */
  private readonly slots: number[] = []
  /** [pool] 1 for the slots of committed tokens. */
  private readonly seen: Uint8Array
  /** [pool] position of the token that each slot holds, of those that were written. */
  private readonly positions: Int32Array
  private open = true

  constructor(
    public lane: number,
    private readonly pool: SlotPool,
    private readonly onRelease: (cache: SequenceCache) => void,
  ) {
    this.seen = new Uint8Array(pool.capacity)
    this.positions = new Int32Array(pool.capacity)
  }

  /** Committed tokens. */
  get length(): number {
    return this.slots.length
  }

  /** False once it was released: its rows may be another's by now. */
  get isOpen(): boolean {
    return this.open
  }

  /** Slots taken, committed or not. */
  get used(): number {
    return this.pool.used
  }

  /** One more than the highest slot in use. */
  get liveSlots(): number {
    return this.pool.live
  }

  /** [liveSlots] 1 where a committed token lies; every new row of the sequence sees these. */
  visible(liveSlots: number): Uint8Array {
    return this.seen.subarray(0, liveSlots)
  }

  /** [liveSlots] position of the token in each slot that was written; anything for the others. */
  positionsIn(liveSlots: number): Int32Array {
    return this.positions.subarray(0, liveSlots)
  }

  /** Says which positions the tokens have whose rows are about to be written. */
  place(slots: ArrayLike<number>, positions: ArrayLike<number>): void {
    for (let i = 0; i < slots.length; i++) this.positions[slots[i]] = positions[i]
  }

  /** Slots of `count` committed tokens from a place in the text on. */
  slotsOf(from: number, count: number): Int32Array {
    return Int32Array.from(this.slots.slice(from, from + count))
  }

  /** Takes slots for new rows. Throws `RuntimeError` beyond the longest text the model was opened for. */
  allocate(count: number): Int32Array {
    return this.pool.allocate(count)
  }

  /** Commits slots as the next tokens of the sequence, in order. */
  keep(slots: Iterable<number>): void {
    for (const slot of slots) {
      this.slots.push(slot)
      this.seen[slot] = 1
    }
  }

  free(slots: ArrayLike<number>): void {
    this.pool.free(Int32Array.from(slots))
  }

  /** Gives back the lane and every committed slot. */
  release(): void {
    this.free(this.slots)
    this.slots.length = 0
    this.open = false
    this.onRelease(this)
  }
}
