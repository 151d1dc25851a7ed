/**
 * One open model as the decode loop and the model drafter use it: its pass, its sequences' slots, and the wasm memory
 * that masks and logits lie in. Chains (prompt chunks, catching up) and trees are laid out here.
 */
import type { Core } from '../core/index.js'
import type { Forward } from '../runtime/forward.js'
import { SlotPool } from '../runtime/slots.js'
import { SequenceCache } from './sequence-cache.js'

/** Rows of one pass; the arrays are parallel, rows of one lane stand together and lanes ascend. */
export interface Rows {
  tokens: Int32Array
  positions: Int32Array
  slots: Int32Array
  lanes: Int32Array
}

export interface RunnerLimits {
  /** Most rows of one pass (prompt chunk or tree). */
  maxRows: number
  /** Most rows whose logits are kept at a time. */
  maxLogitRows: number
  /** Most slots of one sequence. */
  maxSlots: number
}

/** Adds up the time spent in passes, over all models of an engine. */
export interface PassClock {
  busyMs: number
}

const NO_ROWS = new Int32Array(0)

export class ModelRunner {
  /** [maxLogitRows, vocab] float32 in wasm memory. */
  readonly logitsPtr: number
  private readonly maskPtr: number
  private readonly freeLanes: number[]
  private readonly open = new Set<SequenceCache>()

  constructor(
    readonly core: Core,
    readonly forward: Forward,
    readonly limits: RunnerLimits,
    readonly clock: PassClock,
  ) {
    this.logitsPtr = core.alloc(limits.maxLogitRows * forward.info.vocab * 4)
    this.maskPtr = core.alloc(limits.maxRows * limits.maxSlots)
    this.freeLanes = Array.from({ length: forward.lanes }, (_, i) => forward.lanes - 1 - i)
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

  /** Starts a sequence in a free lane. */
  openCache(): SequenceCache {
    const lane = this.freeLanes.pop()
    if (lane === undefined) throw new RangeError(`all ${this.forward.lanes} lanes are taken`)
    const cache: SequenceCache = new SequenceCache(lane, new SlotPool(this.forward.capacity), () => {
      this.open.delete(cache)
      this.freeLanes.push(lane)
    })
    this.open.add(cache)
    return cache
  }

  /** Byte offset of one row of logits in wasm memory. */
  logitsAt(row: number): number {
    return this.logitsPtr + row * this.vocab * 4
  }

  /** Takes slots for new rows, growing the cache when it is short. */
  allocate(cache: SequenceCache, count: number): Int32Array {
    const wanted = cache.used + count
    if (wanted > this.forward.capacity) this.forward.reserve(Math.min(this.limits.maxSlots, Math.max(wanted, this.forward.capacity * 2)))
    return cache.allocate(count, this.forward.capacity)
  }

  /** Writes mask rows, from `firstRow` on, of a tree or chain that lies in `slots` (root's parent -1), over what `cache` already sees. */
  mask(cache: SequenceCache, parents: Int32Array, slots: Int32Array, liveSlots: number, firstRow = 0): void {
    this.core.ancestorMask(cache.visible(liveSlots), parents, slots, this.maskPtr + firstRow * liveSlots)
  }

  /** One pass over rows whose masks start at `firstMaskRow`; the wanted rows' logits land from row `firstLogitRow` on. */
  async run(rows: Rows, liveSlots: number, firstMaskRow: number, logitRows: Int32Array, firstLogitRow: number): Promise<void> {
    const n = rows.tokens.length
    const started = performance.now()
    await this.forward.run(
      {
        ...rows,
        liveSlots,
        mask: this.core.u8(this.maskPtr + firstMaskRow * liveSlots, n * liveSlots),
        logitRows,
      },
      { logits: this.core.f32(this.logitsAt(firstLogitRow), logitRows.length * this.vocab) },
    )
    this.clock.busyMs += performance.now() - started
  }

  /** Appends tokens to a sequence in chunks; with `wantLast` the last token's logits land in row 0. */
  async extend(cache: SequenceCache, tokens: readonly number[], wantLast: boolean, signal?: AbortSignal): Promise<void> {
    for (let from = 0; from < tokens.length; from += this.limits.maxRows) {
      signal?.throwIfAborted()
      const chunk = Int32Array.from(tokens.slice(from, from + this.limits.maxRows))
      const slots = this.allocate(cache, chunk.length)
      const last = from + chunk.length === tokens.length
      try {
        const parents = chunk.map((_, i) => i - 1)
        const positions = chunk.map((_, i) => cache.length + i)
        const liveSlots = cache.liveSlots
        this.mask(cache, parents, slots, liveSlots)
        const wanted = last && wantLast ? Int32Array.of(chunk.length - 1) : NO_ROWS
        const lanes = chunk.map(() => cache.lane)
        await this.run({ tokens: chunk, positions, slots, lanes }, liveSlots, 0, wanted, 0)
      } catch (error) {
        cache.free(slots)
        throw error
      }
      cache.keep(slots)
    }
  }

  /** Milliseconds of one pass of `rows` rows that see `liveSlots` slots each, all rows' logits wanted. For calibration, while idle. */
  async time(rows: number, liveSlots: number): Promise<number> {
    this.forward.reserve(liveSlots)
    const sequence = Int32Array.from({ length: rows }, (_, i) => i)
    this.core.u8(this.maskPtr, rows * liveSlots).fill(1)
    const before = this.clock.busyMs
    await this.run({ tokens: sequence, positions: sequence, slots: sequence, lanes: sequence.map(() => 0) }, liveSlots, 0, sequence, 0)
    return this.clock.busyMs - before
  }

  async dispose(): Promise<void> {
    await this.forward.dispose()
    this.core.free(this.logitsPtr)
    this.core.free(this.maskPtr)
  }
}
