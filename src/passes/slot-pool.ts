/**
 * `SlotPool`: which cache slots of one sequence are taken. Lowest slots are handed out first, so that the live prefix,
 * all that attention reads, stays short.
 */
import { InvalidArgumentError, RuntimeError } from '../spec/errors.js'

export class SlotPool {
  /** [capacity] 1 where the slot is taken. */
  readonly #taken: Uint8Array
  #used = 0
  /** No slot below is free. */
  #lowestFree = 0
  /** One more than the highest taken slot. */
  #live = 0

  /** Throws `InvalidArgumentError` unless capacity is a whole number of at least 0. */
  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 0)
      throw new InvalidArgumentError('capacity', `capacity is ${capacity}; give a whole number of at least 0`)
    this.#taken = new Uint8Array(capacity)
  }

  get capacity(): number {
    return this.#taken.length
  }

  /** Slots taken now; 0 once a sequence has given all back. */
  get used(): number {
    return this.#used
  }

  get available(): number {
    return this.capacity - this.#used
  }

  /** One more than the highest taken slot: the prefix that a pass over this sequence has to see. */
  get live(): number {
    return this.#live
  }

  isTaken(slot: number): boolean {
    return this.#taken[slot] === 1
  }

  /** Takes the `count` lowest free slots, ascending. Throws `RuntimeError`, taking none, if fewer are free. */
  allocate(count: number): Int32Array {
    if (count > this.available)
      throw new RuntimeError(
        `${count} slots were asked for and ${this.available} of ${this.capacity} are free; ` +
          'end the text, or open the model with a larger maxContext',
      )
    const slots = new Int32Array(count)
    let slot = this.#lowestFree
    for (let index = 0; index < count; slot++) {
      if (this.#taken[slot]) continue
      this.#taken[slot] = 1
      slots[index++] = slot
    }
    if (count > 0) this.#lowestFree = slot
    this.#used += count
    this.#live = Math.max(this.#live, count > 0 ? slots[count - 1] + 1 : 0)
    return slots
  }

  /** Gives slots back. Throws `InvalidArgumentError`, freeing none, if one is not taken or is named twice. */
  free(slots: Int32Array): void {
    if (new Set(slots).size !== slots.length)
      throw new InvalidArgumentError('slots', 'a slot is named twice; free each once')
    for (const slot of slots)
      if (!this.isTaken(slot))
        throw new InvalidArgumentError('slots', `slot ${slot} is not taken; it was freed before or never allocated`)
    for (const slot of slots) {
      this.#taken[slot] = 0
      this.#lowestFree = Math.min(this.#lowestFree, slot)
    }
    this.#used -= slots.length
    while (this.#live > 0 && !this.#taken[this.#live - 1]) this.#live--
  }
}
