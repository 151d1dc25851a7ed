/**
 * One open model as the decode loop and the model drafter use it: its pass, its sequences' slots, and the wasm memory
 * that masks and logits lie in. Chains (prompt chunks, catching up) and trees, of one sequence or several, are laid out
 * here.
 */
import type { Core } from '../core/index.js'
import { joined } from '../common/joined.js'
import type { Forward } from '../runtime/forward.js'
import { SlotPool } from './slots.js'
import { runTogether, type Passes, type PassPart, type PassPlace } from './run-together.js'
import { SequenceCache } from './sequence-cache.js'

/** Rows of one pass; the arrays are parallel, rows of one lane stand together and lanes ascend. */
export interface Rows {
  tokens: Int32Array
  positions: Int32Array
  slots: Int32Array
  lanes: Int32Array
  /** [n, hidden] float32, for models that read features beside tokens. */
  features?: Float32Array
}

export interface RunnerLimits {
  /** Most rows of one pass (prompt chunk or tree). */
  maxRows: number
  /** Most rows whose logits are kept at a time. */
  maxLogitRows: number
  /** Most slots of one sequence. */
  maxSlots: number
  /** Most sequences at a time. */
  maxLanes: number
  /**
   * Slots that all lanes share, where the cache may take no more memory; who opens sequences sees to it that they fit.
   */
  cells?: number
  /** Whether passes leave the rows' `hidden` behind, for who reads them as features. */
  keepsHidden?: boolean
}

/** What goes in and out of a sequence's new rows beside tokens and logits. */
export interface RowFeatures {
  /** Features [count, hidden] of the `count` tokens from place `from` of those given. */
  read?(from: number, count: number): Float32Array
  /** Gets the rows' `hidden` [count, hidden], chunk by chunk; valid until the next pass. */
  wrote?(hidden: Float32Array): void
}

/** Adds up the time spent in passes. */
export interface PassClock {
  busyMs: number
}

const NO_ROWS = new Int32Array(0)
/** Steps after which spare lanes are given up: sequences that end make room for others more often than not. */
const SPARE_ROUNDS = 24

/** Lanes that so many sequences are given: a cache is shared out among a power of two. */
export function lanesFor(sequences: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, sequences)))
}

export class ModelRunner {
  /** [maxLogitRows, vocab] float32 in wasm memory. */
  readonly logitsPtr: number
  private readonly maskPtr: number
  /** [maxRows, hidden] float32 of the last pass's rows; empty unless they are kept. */
  private readonly hidden: Float32Array
  /** Rounds for which half of the lanes would have done. */
  private spareRounds = 0
  private readonly open = new Set<SequenceCache>()
  private readonly others: ModelRunner[] = []

  constructor(
    readonly core: Core,
    readonly forward: Forward,
    readonly limits: RunnerLimits,
    readonly clock: PassClock,
  ) {
    this.logitsPtr = core.alloc(limits.maxLogitRows * forward.info.vocab * 4)
    // A part's mask is written for its whole tree, of which the rows that ran before are then left out.
    this.maskPtr = core.alloc((limits.maxRows + limits.maxLogitRows) * limits.maxSlots)
    this.hidden = new Float32Array(limits.keepsHidden ? limits.maxRows * forward.info.hidden : 0)
  }

  /** The same model over a cache of its own, for passes that want no logits; it ends with this one. */
  withCache(limits: Pick<RunnerLimits, 'maxRows' | 'maxLanes'>): ModelRunner {
    const other = new ModelRunner(
      this.core,
      this.forward.withCache(),
      { ...this.limits, ...limits, maxLogitRows: 0 },
      this.clock,
    )
    this.others.push(other)
    return other
  }

  get vocab(): number {
    return this.forward.info.vocab
  }

  /** Slots taken by all running sequences. */
  get slotsUsed(): number {
    let used = 0
    for (const cache of this.open) used += cache.used
    return used
  }

  /** Starts a sequence in the lowest free lane; adds lanes where all are taken. Never between `run` and its end. */
  openCache(): SequenceCache {
    const { forward, limits, open } = this
    if (open.size === limits.maxLanes) throw new RangeError(`all ${limits.maxLanes} lanes are taken`)
    if (open.size === forward.lanes) forward.reserve(1, Math.min(limits.maxLanes, 2 * forward.lanes))
    const taken = new Set(Array.from(open, (cache) => cache.lane))
    let lane = 0
    while (taken.has(lane)) lane++
    const cache = new SequenceCache(lane, new SlotPool(forward.capacity), (released) => open.delete(released))
    open.add(cache)
    return cache
  }

  /**
   * Gives up lanes that have been spare for a while: a pass computes for every lane there is. Never between `run` and
   * its end. Copies what the running sequences hold.
   */
  settle(): void {
    this.spareRounds = lanesFor(this.open.size) < this.forward.lanes ? this.spareRounds + 1 : 0
    if (this.spareRounds >= (this.open.size === 0 ? 1 : SPARE_ROUNDS)) this.giveUpSpareLanes()
  }

  private giveUpSpareLanes(): void {
    const { forward, open } = this
    const enough = lanesFor(open.size)
    this.spareRounds = 0
    const kept = [...open].sort((a, b) => a.lane - b.lane)
    forward.arrange(Array.from({ length: enough }, (_, lane) => kept[lane]?.lane ?? -1))
    kept.forEach((cache, lane) => (cache.lane = lane))
  }

  /** Byte offset of one row of logits in wasm memory. */
  logitsAt(row: number): number {
    return this.logitsPtr + row * this.vocab * 4
  }

  /**
   * What the last pass left of `count` rows, [count, hidden] float32; empty where it is not kept. Valid until the next
   * pass.
   */
  hiddenAt(row: number, count = 1): Float32Array {
    const { hidden } = this.forward.info
    return this.hidden.subarray(row * hidden, (row + count) * hidden)
  }

  /** Takes slots for new rows, growing the cache when it is short. */
  allocate(cache: SequenceCache, count: number): Int32Array {
    const wanted = cache.used + count
    if (this.limits.cells !== undefined && wanted > this.forward.capacity) this.giveUpSpareLanes()
    if (wanted > this.forward.capacity)
      this.forward.reserve(Math.min(this.limits.maxSlots, Math.max(wanted, this.forward.capacity * 2)))
    return cache.allocate(count, this.forward.capacity)
  }

  /**
   * Writes mask rows, from `firstRow` on, of a tree or chain that lies in `slots` (root's parent -1), over what `cache`
   * already sees.
   */
  mask(cache: SequenceCache, parents: Int32Array, slots: Int32Array, liveSlots: number, firstRow = 0): void {
    this.core.ancestorMask(cache.visible(liveSlots), parents, slots, this.maskPtr + firstRow * liveSlots)
  }

  /**
   * One pass over rows whose masks start at `firstMaskRow`; the wanted rows' logits land from row `firstLogitRow` on.
   */
  async run(
    rows: Rows,
    liveSlots: number,
    firstMaskRow: number,
    logitRows: Int32Array,
    firstLogitRow: number,
  ): Promise<void> {
    const n = rows.tokens.length
    const started = performance.now()
    await this.forward.run(
      {
        ...rows,
        liveSlots,
        mask: this.core.u8(this.maskPtr + firstMaskRow * liveSlots, n * liveSlots),
        logitRows,
      },
      {
        logits: this.core.f32(this.logitsAt(firstLogitRow), logitRows.length * this.vocab),
        ...(this.limits.keepsHidden ? { hidden: this.hidden } : {}),
      },
    )
    this.clock.busyMs += performance.now() - started
  }

  /** K/V of `count` committed tokens as bytes. Never between `run` and its end. */
  save(cache: SequenceCache, from: number, count: number): Uint8Array {
    return this.forward.readRows(cache.lane, cache.slotsOf(from, count))
  }

  /** Commits `count` tokens whose K/V were saved before. Never between `run` and its end. */
  restore(cache: SequenceCache, kv: Uint8Array, count: number): void {
    const slots = this.allocate(cache, count)
    this.forward.writeRows(cache.lane, slots, kv)
    cache.keep(slots)
  }

  /**
   * Commits `count` tokens whose K/V a cache of the same model holds, from as many tokens on as this one has. Never
   * between `run` and its end.
   */
  copy(source: ModelRunner, from: SequenceCache, to: SequenceCache, count: number): void {
    const read = from.slotsOf(to.length, count)
    const slots = this.allocate(to, count)
    this.forward.copyRows(source.forward, { lane: from.lane, slots: read }, { lane: to.lane, slots })
    to.keep(slots)
  }

  /**
   * One pass over rows of several sequences, at most `maxRows` in all; the wanted logits land from row `firstLogitRow`
   * on. Returns the [parts] places.
   */
  async runParts(parts: readonly PassPart[], firstLogitRow: number): Promise<PassPlace[]> {
    const liveSlots = Math.max(...parts.map(({ cache }) => cache.liveSlots))
    const byLane = [...parts].sort((a, b) => a.cache.lane - b.cache.lane)
    const places = new Map<PassPart, PassPlace>()
    const logitRows: number[] = []
    let rows = 0
    for (const part of byLane) {
      places.set(part, { row: rows, logitRow: firstLogitRow + logitRows.length })
      for (const row of part.wanted) logitRows.push(rows + row)
      this.maskPart(part, liveSlots, rows)
      rows += part.tokens.length
    }
    await this.run(
      {
        tokens: joined(
          Int32Array,
          byLane.map(({ tokens }) => tokens),
        ),
        positions: joined(
          Int32Array,
          byLane.map(({ positions }) => positions),
        ),
        slots: joined(
          Int32Array,
          byLane.map(({ slots, tokens }) => slots.subarray(slots.length - tokens.length)),
        ),
        lanes: joined(
          Int32Array,
          byLane.map(({ cache, tokens }) => tokens.map(() => cache.lane)),
        ),
        features: this.forward.readsFeatures
          ? joined(
              Float32Array,
              byLane.map(({ features }) => features!),
            )
          : undefined,
      },
      liveSlots,
      0,
      Int32Array.from(logitRows),
      firstLogitRow,
    )
    return parts.map((part) => places.get(part)!)
  }

  /** Mask rows of a part's new rows, from `firstRow` on. */
  private maskPart({ cache, tokens, parents, slots }: PassPart, liveSlots: number, firstRow: number): void {
    this.mask(cache, parents, slots, liveSlots, firstRow)
    const before = parents.length - tokens.length
    if (before === 0) return
    const mask = this.core.u8(this.maskPtr + firstRow * liveSlots, parents.length * liveSlots)
    mask.copyWithin(0, before * liveSlots)
  }

  /**
   * Appends tokens to a sequence in chunks, a pass each; comes to the row of the last token's logits where they are
   * wanted.
   */
  *appending(
    cache: SequenceCache,
    tokens: readonly number[],
    wantsLast: boolean,
    features: RowFeatures = {},
  ): Passes<number> {
    let lastRow = -1
    for (let from = 0; from < tokens.length; from += this.limits.maxRows) {
      const chunk = Int32Array.from(tokens.slice(from, from + this.limits.maxRows))
      const count = chunk.length
      const wanted = wantsLast && from + count === tokens.length ? Int32Array.of(count - 1) : NO_ROWS
      const slots = this.allocate(cache, count)
      let hasRun = false
      try {
        const positions = chunk.map((_, i) => cache.length + i)
        const parents = chunk.map((_, i) => i - 1)
        const place = yield {
          runner: this,
          cache,
          tokens: chunk,
          positions,
          parents,
          slots,
          wanted,
          features: features.read?.(from, count),
        }
        features.wrote?.(this.hiddenAt(place.row, count))
        lastRow = place.logitRow
        hasRun = true
      } finally {
        if (hasRun) cache.keep(slots)
        else cache.free(slots)
      }
    }
    return lastRow
  }

  /** Appends tokens by itself; with `wantsLast` the last token's logits land in row 0. */
  async extend(
    cache: SequenceCache,
    tokens: readonly number[],
    wantsLast: boolean,
    features: RowFeatures = {},
  ): Promise<void> {
    await runTogether([this.appending(cache, tokens, wantsLast, features)])
  }

  /**
   * Milliseconds of one pass of `rows` rows that see `liveSlots` slots each, all rows' logits wanted. For calibration,
   * while idle.
   */
  async time(rows: number, liveSlots: number): Promise<number> {
    this.forward.reserve(liveSlots)
    const sequence = Int32Array.from({ length: rows }, (_, i) => i)
    this.core.u8(this.maskPtr, rows * liveSlots).fill(1)
    const before = this.clock.busyMs
    const features = this.forward.readsFeatures ? new Float32Array(rows * this.forward.info.hidden) : undefined
    await this.run(
      { tokens: sequence, positions: sequence, slots: sequence, lanes: sequence.map(() => 0), features },
      liveSlots,
      0,
      sequence,
      0,
    )
    return this.clock.busyMs - before
  }

  async dispose(): Promise<void> {
    for (const other of this.others) await other.dispose()
    await this.forward.dispose()
    this.core.free(this.logitsPtr)
    this.core.free(this.maskPtr)
  }
}
