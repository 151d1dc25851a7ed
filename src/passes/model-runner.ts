/**
 * One open model as the decode loop and the model drafter use it: its pass, its sequences' slots, and the wasm memory
 * that masks and logits lie in. A pass takes rows of one sequence or several, chains and trees alike.
 */
import type { Core } from '../core/index.js'
import { joined } from '../common/joined.js'
import type { Forward } from '../runtime/forward.js'
import { LaneMemory, type LaneLimits } from './lane-memory.js'
import { arrangeRows, type RowShape } from './logit-rows.js'
import type { PassPart, PassPlace } from './pass-part.js'
import type { SequenceCache } from './sequence-cache.js'

/** Rows of one pass; the arrays are parallel, rows of one lane stand together and lanes ascend. */
export interface Rows {
  tokens: Int32Array
  positions: Int32Array
  slots: Int32Array
  lanes: Int32Array
  /** [n, features.read] float32, for models that read features beside tokens. */
  features?: Float32Array
  /** [lanes, liveSlots], for models with windows. */
  slotPositions?: Int32Array
}

export interface RunnerLimits extends LaneLimits {
  /** Most rows of one pass (prompt chunk or tree). */
  maxRows: number
  /** Most rows whose logits are kept at a time. */
  maxLogitRows: number
  /** Length of a row of logits as it is read: of a draft, the target's; the model's own if left out. */
  vocab?: number
  /** Ids below it without a token, ascending: they get no probability. */
  silent?: Int32Array
  /** Whether passes leave the rows' `hidden` behind, for who reads them as features. */
  keepsHidden?: boolean
}

/** Adds up the time spent in passes. */
export interface PassClock {
  busyMs: number
}

const NO_TOKENS = new Int32Array(0)

export class ModelRunner {
  /** [maxLogitRows, vocab] float32 in wasm memory. */
  readonly logitsPtr: number
  private readonly maskPtr: number
  /** [maxRows, features.written] float32 of the last pass's rows; empty unless they are kept. */
  private readonly hidden: Float32Array
  /** The sequences' K/V rows. */
  readonly memory: LaneMemory
  /** Told of each pass of one sequence whose rows' logits were all wanted: rows, live slots, milliseconds. */
  onPass: ((rows: number, liveSlots: number, ms: number) => void) | null = null
  private readonly others: ModelRunner[] = []
  private readonly rowShape: RowShape

  constructor(
    readonly core: Core,
    readonly forward: Forward,
    readonly limits: RunnerLimits,
    readonly clock: PassClock,
  ) {
    const { vocab: written } = forward.info
    const { vocab = written, silent = NO_TOKENS } = limits
    this.rowShape = { written, read: vocab, silent }
    this.logitsPtr = core.alloc(limits.maxLogitRows * Math.max(written, vocab) * 4)
    // A part's mask is written for its whole tree, of which the rows that ran before are then left out.
    this.maskPtr = core.alloc((limits.maxRows + limits.maxLogitRows) * limits.maxSlots)
    this.hidden = new Float32Array(limits.keepsHidden ? limits.maxRows * forward.info.features.written : 0)
    this.memory = new LaneMemory(forward.cache, limits)
  }

  /** The same model over a cache of its own, for passes that want no logits; it ends with this one. */
  withCache(limits: Pick<RunnerLimits, 'maxRows' | 'maxLanes'>): ModelRunner {
    const own = { ...this.limits, ...limits, maxLogitRows: 0 }
    const other = new ModelRunner(this.core, this.forward.withCache(), own, this.clock)
    this.others.push(other)
    return other
  }

  /** Length of a row of logits. */
  get vocab(): number {
    return this.rowShape.read
  }

  /** Byte offset of one row of logits in wasm memory. */
  logitsAt(row: number): number {
    return this.logitsPtr + row * this.vocab * 4
  }

  /**
   * What the last pass left of `count` rows, [count, features.written] float32; empty where it is not kept. Valid until
   * the next pass.
   */
  hiddenAt(row: number, count = 1): Float32Array {
    const { written } = this.forward.info.features
    return this.hidden.subarray(row * written, (row + count) * written)
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
    if (this.memory.lacksRoom(liveSlots)) await this.memory.makeRoom(liveSlots)
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
        logits: this.core.f32(this.logitsAt(firstLogitRow), logitRows.length * this.rowShape.written),
        ...(this.limits.keepsHidden ? { hidden: this.hidden } : {}),
      },
    )
    const { written, read } = this.rowShape
    const wanted = logitRows.length
    const logits = this.core.f32(this.logitsAt(firstLogitRow), wanted * Math.max(written, read))
    arrangeRows(logits, wanted, this.rowShape)
    this.clock.busyMs += performance.now() - started
  }

  /** One pass over rows of several sequences, at most `maxRows` in all. */
  async runParts(parts: readonly PassPart[], firstLogitRow: number): Promise<PassPlace[]> {
    const liveSlots = Math.max(...parts.map(({ cache }) => cache.liveSlots))
    // Lanes may get other numbers here, which rows then go by.
    if (this.memory.lacksRoom(liveSlots)) await this.memory.makeRoom(liveSlots)
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
    const slotPositions = this.forward.info.hasWindows ? this.slotPositions(byLane, liveSlots) : undefined
    const newRows = { ...this.rowsOf(byLane), slotPositions }
    const before = this.clock.busyMs
    await this.run(newRows, liveSlots, 0, Int32Array.from(logitRows), firstLogitRow)
    if (parts.length === 1 && logitRows.length === rows) this.onPass?.(rows, liveSlots, this.clock.busyMs - before)
    return parts.map((part) => places.get(part)!)
  }

  private rowsOf(parts: readonly PassPart[]): Rows {
    const ints = (of: (part: PassPart) => Int32Array): Int32Array => joined(Int32Array, parts.map(of))
    const readsFeatures = this.forward.info.features.read > 0
    return {
      tokens: ints(({ tokens }) => tokens),
      positions: ints(({ positions }) => positions),
      slots: ints(newSlots),
      lanes: ints(({ cache, tokens }) => tokens.map(() => cache.lane)),
      features: readsFeatures
        ? joined(
            Float32Array,
            parts.map(({ features }) => features!),
          )
        : undefined,
    }
  }

  /** Of every lane that has rows: where the tokens stand that its slots hold. */
  private slotPositions(parts: readonly PassPart[], liveSlots: number): Int32Array {
    const all = new Int32Array(this.forward.cache.lanes * liveSlots)
    for (const part of parts) {
      part.cache.place(newSlots(part), part.positions)
      all.set(part.cache.positionsIn(liveSlots), part.cache.lane * liveSlots)
    }
    return all
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
   * Milliseconds of one pass of `rows` rows that see `liveSlots` slots each, all rows' logits wanted; where there are
   * fewer slots than rows, rows share them. While idle.
   */
  async time(rows: number, liveSlots: number): Promise<number> {
    if (this.memory.lacksRoom(liveSlots)) await this.memory.makeRoom(liveSlots)
    const sequence = Int32Array.from({ length: rows }, (_, i) => i)
    const slots = sequence.map((row) => row % liveSlots)
    this.core.u8(this.maskPtr, rows * liveSlots).fill(1)
    const before = this.clock.busyMs
    const { read } = this.forward.info.features
    const features = read > 0 ? new Float32Array(rows * read) : undefined
    const lanes = new Int32Array(rows)
    const slotPositions = Int32Array.from({ length: this.forward.cache.lanes * liveSlots }, (_, i) => i % liveSlots)
    await this.run(
      { tokens: sequence, positions: sequence, slots, lanes, features, slotPositions },
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

function newSlots({ slots, tokens }: PassPart): Int32Array {
  return slots.subarray(slots.length - tokens.length)
}
