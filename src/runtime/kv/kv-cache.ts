/**
 * The K and V rows of all layers: per layer one `[slots, lanes, kvHeads * headDim]` buffer each, slots first, so that
 * the live slots are a prefix and a bigger cache is a plain copy. K is float32; V is int8 or uint8 (w8a8) or float32.
 */
import { InvalidArgumentError, RuntimeError } from '../../spec/errors.js'
import type { ForwardInfo } from '../forward.js'

export type VType = 'int8' | 'uint8' | 'float32'
type Values = Int8Array | Uint8Array | Float32Array

/** Slots are shown to the graph in blocks of this many, so that shapes repeat; the mask hides the rest of a block. */
export const SLOT_BLOCK = 16
const FIRST_SLOTS = 256
/** Memory is given back where it is more than so many times what is needed. */
const MOST_SPARE = 8

/** How large a cache is: of so many slots and lanes at first, or of so many slots in all lanes together for good. */
export interface CacheSize {
  slots?: number
  lanes?: number
  cells?: number
}

/** Rows of one lane. */
export interface RowsOfLane {
  lane: number
  slots: Int32Array
}

export class KvCache {
  /** [layers] of [capacity, lanes, rowLength], and memory to spare. */
  keys: Float32Array[]
  /** [layers] of [capacity, lanes, rowLength], and memory to spare. */
  values: Values[]
  readonly rowLength: number
  readonly vType: VType
  /** Slots of all lanes together, where they are given once and for all: lanes then share out the same memory. */
  readonly #cells: number | undefined
  #capacity: number
  #lanes: number

  constructor(info: ForwardInfo, vType: VType, { slots = FIRST_SLOTS, lanes = 1, cells }: CacheSize = {}) {
    this.rowLength = info.kvHeads * info.headDim
    this.vType = vType
    this.#cells = cells
    this.#lanes = positive('lanes', lanes)
    this.#capacity = cells === undefined ? roundUpSlots(positive('slots', slots)) : this.#shareOf(lanes)
    const length = this.#lengthOf(this.#capacity, lanes)
    this.keys = Array.from({ length: info.layers }, () => new Float32Array(length))
    this.values = Array.from({ length: info.layers }, () => emptyValues(vType, length))
  }

  get capacity(): number {
    return this.#capacity
  }

  get lanes(): number {
    return this.#lanes
  }

  /** Whether `grow` would replace buffers. Throws `InvalidArgumentError` unless both are positive integers. */
  needs(slots: number, lanes: number = this.#lanes): boolean {
    return positive('slots', slots) > this.#capacity || positive('lanes', lanes) > this.#lanes
  }

  /** Makes room for `slots` per lane and `lanes` lanes, keeping every row where it was. */
  grow(slots: number, lanes: number = this.#lanes): void {
    const from = Array.from({ length: Math.max(lanes, this.#lanes) }, (_, lane) => (lane < this.#lanes ? lane : -1))
    const capacity =
      this.#cells === undefined ? Math.max(this.#capacity, roundUpSlots(slots)) : this.#shareOf(from.length)
    if (slots > capacity)
      throw new RuntimeError(
        `${slots} slots were asked for and the cache has ${capacity} for each of ${from.length} sequences`,
      )
    this.#layOut(from, capacity)
  }

  /**
   * Makes lane i hold what lane `from[i]` held (-1: anything), for as many lanes as `from` has. Slots stay as they are.
   */
  arrange(from: readonly number[]): void {
    const bad = from.find((lane) => !Number.isInteger(lane) || lane < -1 || lane >= this.#lanes)
    if (bad !== undefined || from.length === 0)
      throw new InvalidArgumentError('from', `lane ${bad} is outside 0 .. ${this.#lanes - 1}`)
    this.#layOut(from, this.#cells === undefined ? this.#capacity : this.#shareOf(from.length))
  }

  /** Copies rows of another cache of the same model, slot by slot. */
  copyRows(source: KvCache, from: RowsOfLane, to: RowsOfLane): void {
    source.#requireRows(from)
    this.#requireRows(to)
    const { rowLength } = this
    const buffers = [...this.keys, ...this.values]
    for (const [i, read] of [...source.keys, ...source.values].entries()) {
      for (let row = 0; row < to.slots.length; row++) {
        const start = source.#start(from.lane, from.slots[row])
        buffers[i].set(read.subarray(start, start + rowLength), this.#start(to.lane, to.slots[row]))
      }
    }
  }

  /** The rows of these slots, layer by layer, K and then V, as one run of bytes. */
  copyOut(lane: number, slots: Int32Array): Uint8Array {
    const { rowLength } = this
    const bytes = new Uint8Array(slots.length * this.#rowBytes)
    let at = 0
    this.#eachRow(lane, slots, (buffer, start) => {
      const row = new Uint8Array(buffer.buffer, start * buffer.BYTES_PER_ELEMENT, rowLength * buffer.BYTES_PER_ELEMENT)
      bytes.set(row, at)
      at += row.length
    })
    return bytes
  }

  /** Writes what `copyOut` gave for as many slots into these. */
  copyIn(lane: number, slots: Int32Array, bytes: Uint8Array): void {
    if (bytes.length !== slots.length * this.#rowBytes)
      throw new InvalidArgumentError(
        'bytes',
        `${bytes.length} bytes came for ${slots.length} slots; give ${slots.length * this.#rowBytes}`,
      )
    const { rowLength } = this
    let at = 0
    this.#eachRow(lane, slots, (buffer, start) => {
      const row = new Uint8Array(buffer.buffer, start * buffer.BYTES_PER_ELEMENT, rowLength * buffer.BYTES_PER_ELEMENT)
      row.set(bytes.subarray(at, at + row.length))
      at += row.length
    })
  }

  /** Fills rows with 0xFF bytes: NaN in float32, -1 in int8, 255 in uint8. */
  poison(lane: number, slots: Int32Array): void {
    const { rowLength } = this
    this.#eachRow(lane, slots, (buffer, start) =>
      new Uint8Array(buffer.buffer, start * buffer.BYTES_PER_ELEMENT, rowLength * buffer.BYTES_PER_ELEMENT).fill(0xff),
    )
  }

  dispose(): void {
    this.keys = []
    this.values = []
  }

  /** Bytes of one slot of one lane, all layers. */
  get #rowBytes(): number {
    return this.keys.length * this.rowLength * (Float32Array.BYTES_PER_ELEMENT + this.values[0].BYTES_PER_ELEMENT)
  }

  /** Every row of these slots, layer by layer: its buffer and the element it starts at. */
  #eachRow(lane: number, slots: Int32Array, visit: (buffer: Values, start: number) => void): void {
    this.#requireRows({ lane, slots })
    for (let layer = 0; layer < this.keys.length; layer++) {
      for (const buffer of [this.keys[layer], this.values[layer]])
        for (const slot of slots) visit(buffer, this.#start(lane, slot))
    }
  }

  #requireRows({ lane, slots }: RowsOfLane): void {
    if (lane < 0 || lane >= this.#lanes)
      throw new InvalidArgumentError('lane', `lane ${lane} is outside 0 .. ${this.#lanes - 1}`)
    for (const slot of slots)
      if (slot < 0 || slot >= this.#capacity)
        throw new InvalidArgumentError('slots', `slot ${slot} is outside 0 .. ${this.#capacity - 1}`)
  }

  #start(lane: number, slot: number): number {
    return (slot * this.#lanes + lane) * this.rowLength
  }

  #lengthOf(capacity: number, lanes: number): number {
    return (this.#cells ?? capacity * lanes) * this.rowLength
  }

  #shareOf(lanes: number): number {
    return Math.floor((this.#cells ?? 0) / lanes / SLOT_BLOCK) * SLOT_BLOCK
  }

  /**
   * Makes lane i hold what lane `from[i]` held, with `capacity` slots each. In place where the memory allows: lanes
   * come and go with the load, and memory taken anew each time would keep the garbage collector busy. Layer by layer,
   * so that only one is held twice where it does not.
   */
  #layOut(from: readonly number[], capacity: number): void {
    const length = this.#lengthOf(capacity, from.length)
    const held = this.keys[0].length
    const isFit = length <= held && length * MOST_SPARE >= held
    const move = {
      slots: Math.min(capacity, this.#capacity),
      before: this.#lanes * this.rowLength,
      after: from.length * this.rowLength,
      runs: runsOf(from, this.rowLength),
    }
    for (let layer = 0; layer < this.keys.length; layer++) {
      this.keys[layer] = moved(this.keys[layer], isFit ? this.keys[layer] : new Float32Array(length), move)
      this.values[layer] = moved(this.values[layer], isFit ? this.values[layer] : emptyValues(this.vType, length), move)
    }
    this.#capacity = capacity
    this.#lanes = from.length
  }
}

/** Elements of neighbouring lanes that stay neighbours. */
interface Run {
  from: number
  to: number
  length: number
}

/** How rows move: so many slots, of `before` and then `after` elements each. */
interface Move {
  slots: number
  before: number
  after: number
  runs: readonly Run[]
}

function runsOf(from: readonly number[], width: number): Run[] {
  const runs: Run[] = []
  from.forEach((lane, to) => {
    if (lane < 0) return
    const last = runs[runs.length - 1]
    if (last && lane > 0 && from[to - 1] === lane - 1) last.length += width
    else runs.push({ from: lane * width, to: to * width, length: width })
  })
  return runs
}

/**
 * In place, slots that move up go from the last on, those that move down from the first on: nothing is written over
 * before it is read.
 */
function moved<T extends Values>(source: T, target: T, { slots, before, after, runs }: Move): T {
  const whole = source.slice(0, before)
  for (let i = 0; i < slots; i++) {
    const slot = after > before ? slots - 1 - i : i
    whole.set(source.subarray(slot * before, (slot + 1) * before))
    for (const { from, to, length } of runs) target.set(whole.subarray(from, from + length), slot * after + to)
  }
  return target
}

function emptyValues(type: VType, length: number): Values {
  const types = { int8: Int8Array, uint8: Uint8Array, float32: Float32Array }
  return new types[type](length)
}

/** The next multiple of the block that the graph is shown. */
export function roundUpSlots(slots: number): number {
  return Math.ceil(slots / SLOT_BLOCK) * SLOT_BLOCK
}

function positive(param: string, value: number): number {
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError(param, `${param} is ${value}; give a whole number of at least 1`)
  return value
}
