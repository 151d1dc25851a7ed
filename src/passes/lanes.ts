/**
 * `Lanes`: which running sequence has which lane of a model's cache. Lanes are numbers here; the cache is resized to
 * them before the next pass. A pass computes for every lane there is, so lanes that stay spare are given up.
 */
import { SequenceCache } from './sequence-cache.js'
import { SlotPool } from './slot-pool.js'

/** Steps after which spare lanes are given up: sequences that end make room for others more often than not. */
const SPARE_STEPS = 24

/** Lanes that so many sequences are given: a cache is shared out among a power of two. */
export function lanesFor(sequences: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, sequences)))
}

export class Lanes {
  private readonly running = new Set<SequenceCache>()
  /** Steps in a row for which half of the cache's lanes would have done. */
  private spareSteps = 0

  constructor(private readonly limits: { readonly maxLanes: number; readonly maxSlots: number }) {}

  /** Starts a sequence in the lowest free lane. Throws `RangeError` where all are taken. */
  open(): SequenceCache {
    const { maxLanes, maxSlots } = this.limits
    if (this.running.size === maxLanes) throw new RangeError(`all ${maxLanes} lanes are taken`)
    const taken = new Set(Array.from(this.running, ({ lane }) => lane))
    let lane = 0
    while (taken.has(lane)) lane++
    const cache = new SequenceCache(lane, new SlotPool(maxSlots), (released) => this.running.delete(released))
    this.running.add(cache)
    return cache
  }

  /** Slots taken by all running sequences. */
  get slotsUsed(): number {
    let used = 0
    for (const cache of this.running) used += cache.used
    return used
  }

  /** Lanes the cache must have for the sequences where they are. */
  get needed(): number {
    let highest = 0
    for (const { lane } of this.running) highest = Math.max(highest, lane)
    return Math.min(this.limits.maxLanes, lanesFor(highest + 1))
  }

  /** To be asked once a step: whether a cache of `lanes` lanes has had too many for long enough. */
  areSpare(lanes: number): boolean {
    const { size } = this.running
    this.spareSteps = lanesFor(size) < lanes ? this.spareSteps + 1 : 0
    return this.spareSteps >= (size === 0 ? 1 : SPARE_STEPS)
  }

  /**
   * Puts the sequences side by side in the fewest lanes. `resize` gets, for each lane, which one of `lanes` it held
   * before (-1: none); lanes get their new numbers once it is done.
   */
  async compact(lanes: number, resize: (lanesFrom: readonly number[]) => Promise<void>): Promise<void> {
    const kept = [...this.running].sort((a, b) => a.lane - b.lane)
    const held = kept.map(({ lane }) => (lane < lanes ? lane : -1))
    await resize(Array.from({ length: lanesFor(kept.length) }, (_, lane) => held[lane] ?? -1))
    kept.forEach((cache, lane) => (cache.lane = lane))
    this.spareSteps = 0
  }
}
