/**
 * `LaneMemory`: the K/V rows of one model's running sequences. Slots and lanes are handed out at once, as numbers; the
 * store is resized to them before a pass or a copy uses them. Nothing here may be called during a pass.
 */
import { bytesPerToken, type KvStore } from '../runtime/kv/store.js'
import { Lanes } from './lanes.js'
import type { SequenceCache } from './sequence-cache.js'

export interface LaneLimits {
  /** Most slots of one sequence. */
  maxSlots: number
  /** Most sequences at a time. */
  maxLanes: number
  /**
   * Slots that all lanes share, where the cache may take no more memory; who opens sequences sees to it that they fit.
   */
  cells?: number
}

export class LaneMemory {
  private readonly lanes: Lanes

  constructor(
    private readonly store: KvStore,
    private readonly limits: LaneLimits,
  ) {
    this.lanes = new Lanes(limits)
  }

  /** Slots taken by all running sequences, slots there are, and their bytes. */
  get usage(): { slotsUsed: number; slots: number; kvBytes: number } {
    const { capacity, lanes, shape } = this.store
    const slots = capacity * lanes
    return { slotsUsed: this.lanes.slotsUsed, slots, kvBytes: slots * bytesPerToken(shape) }
  }

  /** Starts a sequence. Throws `RangeError` where all lanes are taken. */
  open(): SequenceCache {
    return this.lanes.open()
  }

  /**
   * Whether the store has too few slots for texts that reach so far, or too few lanes for the running sequences: then
   * `makeRoom` has to come first.
   */
  lacksRoom(slots: number): boolean {
    const { capacity, lanes } = this.store
    return slots > capacity || this.lanes.needed > lanes
  }

  /** Resizes the store: to twice its slots where they are short, or more. Sequences may get other lanes. */
  async makeRoom(slots: number): Promise<void> {
    const { store } = this
    const { cells, maxSlots } = this.limits
    const isShort = slots > store.capacity
    // Of a given number of cells, a lane has the more the fewer lanes there are.
    if (cells !== undefined && isShort) return this.compact(slots)
    const lanes = Math.max(store.lanes, this.lanes.needed)
    const kept = Array.from({ length: lanes }, (_, lane) => (lane < store.lanes ? lane : -1))
    await store.resize(kept, isShort ? Math.max(slots, Math.min(maxSlots, 2 * store.capacity)) : slots)
  }

  /** Once a step: gives up lanes that have been spare for a while, which copies what the running sequences hold. */
  async settle(): Promise<void> {
    if (this.lanes.areSpare(this.store.lanes)) await this.compact(1)
  }

  /** K/V of `count` committed tokens as bytes. */
  save(cache: SequenceCache, from: number, count: number): Promise<Uint8Array> {
    return this.store.read({ lane: cache.lane, slots: cache.slotsOf(from, count) })
  }

  /** Commits `count` tokens whose K/V were saved before. */
  restore(cache: SequenceCache, kv: Uint8Array, count: number): Promise<void> {
    return this.fill(cache, count, (slots) => this.store.write({ lane: cache.lane, slots }, kv))
  }

  /** Commits `count` tokens whose K/V a sequence of the same model holds, from as many tokens on as this one has. */
  copy(source: LaneMemory, from: SequenceCache, to: SequenceCache, count: number): Promise<void> {
    const read = from.slotsOf(to.length, count)
    return this.fill(to, count, (slots) =>
      this.store.copyFrom(source.store, { lane: from.lane, slots: read }, { lane: to.lane, slots }),
    )
  }

  private async fill(cache: SequenceCache, count: number, write: (slots: Int32Array) => Promise<void>): Promise<void> {
    const slots = cache.allocate(count)
    try {
      if (this.lacksRoom(cache.liveSlots)) await this.makeRoom(cache.liveSlots)
      await write(slots)
    } catch (error) {
      cache.free(slots)
      throw error
    }
    cache.place(
      slots,
      slots.map((_, i) => cache.length + i),
    )
    cache.keep(slots)
  }

  private compact(slots: number): Promise<void> {
    return this.lanes.compact(this.store.lanes, (lanesFrom) => this.store.resize(lanesFrom, slots))
  }
}
