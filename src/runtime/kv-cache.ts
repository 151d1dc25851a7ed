/**
 * The K and V rows of all layers: per layer one `[slots, lanes, kvHeads * headDim]` buffer each, slots first, so that the
 * live slots are a prefix and a bigger cache is a plain copy. K is float32; V is int8 or uint8 (w8a8) or float32.
 */
import { InvalidArgumentError, RuntimeError } from '../errors.js'
import type { ForwardInfo } from './forward.js'

export type VType = 'int8' | 'uint8' | 'float32'
type Values = Int8Array | Uint8Array | Float32Array

/** Slots are shown to the graph in blocks of this many, so that shapes repeat; the mask hides the rest of a block. */
export const SLOT_BLOCK = 16
const FIRST_SLOTS = 256

/** How large a cache is: of so many slots and lanes at first, or of so many slots in all lanes together for good. */
export interface CacheSize {
  slots?: number
  lanes?: number
  cells?: number
}

export class KvCache {
  /** [layers] of [capacity, lanes, rowLength]. */
  keys: Float32Array[]
  /** [layers] of [capacity, lanes, rowLength]. */
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
    this.keys = Array.from({ length: info.layers }, () => new Float32Array(this.#length))
    this.values = Array.from({ length: info.layers }, () => this.#emptyValues())
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

  /** Makes room for `slots` per lane and `lanes` lanes, keeping every row where it was; layer by layer, so that only one is held twice. */
  grow(slots: number, lanes: number = this.#lanes): void {
    if (this.#cells !== undefined) {
      this.#share(Array.from({ length: Math.max(lanes, this.#lanes) }, (_, lane) => (lane < this.#lanes ? lane : -1)), slots)
      return
    }
    const from = { capacity: this.#capacity, lanes: this.#lanes }
    if (slots > from.capacity) this.#capacity = roundUpSlots(slots)
    this.#lanes = Math.max(lanes, from.lanes)
    for (let layer = 0; layer < this.keys.length; layer++) {
      const keys = new Float32Array(this.#length)
      const values = this.#emptyValues()
      this.#copyRows(this.keys[layer], keys, from)
      this.#copyRows(this.values[layer], values, from)
      this.keys[layer] = keys
      this.values[layer] = values
    }
  }

  /** Makes lane i hold what lane `from[i]` held (-1: anything), for as many lanes as `from` has; layer by layer. Slots stay as they are. */
  arrange(from: readonly number[]): void {
    const before = this.#lanes
    const bad = from.find((lane) => !Number.isInteger(lane) || lane < -1 || lane >= before)
    if (bad !== undefined || from.length === 0) throw new InvalidArgumentError('from', `lane ${bad} is outside 0 .. ${before - 1}`)
    if (this.#cells !== undefined) {
      this.#share(from)
      return
    }
    this.#lanes = from.length
    for (let layer = 0; layer < this.keys.length; layer++) {
      const keys = new Float32Array(this.#length)
      const values = this.#emptyValues()
      this.#moveLanes(this.keys[layer], keys, before, from)
      this.#moveLanes(this.values[layer], values, before, from)
      this.keys[layer] = keys
      this.values[layer] = values
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
    if (bytes.length !== slots.length * this.#rowBytes) throw new InvalidArgumentError('bytes', `${bytes.length} bytes came for ${slots.length} slots; give ${slots.length * this.#rowBytes}`)
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
    this.#eachRow(lane, slots, (buffer, start) => new Uint8Array(buffer.buffer, start * buffer.BYTES_PER_ELEMENT, rowLength * buffer.BYTES_PER_ELEMENT).fill(0xff))
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
    if (lane < 0 || lane >= this.#lanes) throw new InvalidArgumentError('lane', `lane ${lane} is outside 0 .. ${this.#lanes - 1}`)
    for (const slot of slots) if (slot < 0 || slot >= this.#capacity) throw new InvalidArgumentError('slots', `slot ${slot} is outside 0 .. ${this.#capacity - 1}`)
    for (let layer = 0; layer < this.keys.length; layer++) {
      for (const buffer of [this.keys[layer], this.values[layer]]) for (const slot of slots) visit(buffer, (slot * this.#lanes + lane) * this.rowLength)
    }
  }

  get #length(): number {
    return (this.#cells ?? this.#capacity * this.#lanes) * this.rowLength
  }

  /** Shares the same memory out anew, in place: lane i holds what lane `from[i]` held. Throws `RuntimeError` where lanes would have fewer than `slots` slots. */
  #share(from: readonly number[], slots = 1): void {
    const capacity = this.#shareOf(from.length)
    if (slots > capacity) throw new RuntimeError(`${slots} slots were asked for and the cache has ${capacity} for each of ${from.length} sequences`)
    for (const buffer of [...this.keys, ...this.values]) this.#moveInPlace(buffer, Math.min(capacity, this.#capacity), from)
    this.#capacity = capacity
    this.#lanes = from.length
  }

  #shareOf(lanes: number): number {
    return Math.floor((this.#cells ?? 0) / lanes / SLOT_BLOCK) * SLOT_BLOCK
  }

  /** Slots that move up go from the last on, slots that move down from the first on: nothing is written over before it is read. */
  #moveInPlace(buffer: Values, slots: number, from: readonly number[]): void {
    const width = this.rowLength
    const [before, after] = [this.#lanes * width, from.length * width]
    for (let i = 0; i < slots; i++) {
      const slot = after > before ? slots - 1 - i : i
      const rows = buffer.slice(slot * before, (slot + 1) * before)
      from.forEach((lane, to) => {
        if (lane >= 0) buffer.set(rows.subarray(lane * width, (lane + 1) * width), slot * after + to * width)
      })
    }
  }

  #emptyValues(): Values {
    const types = { int8: Int8Array, uint8: Uint8Array, float32: Float32Array }
    return new types[this.vType](this.#length)
  }

  #moveLanes(source: Values, target: Values, before: number, from: readonly number[]): void {
    const width = this.rowLength
    for (let slot = 0; slot < this.#capacity; slot++) {
      from.forEach((lane, to) => {
        if (lane < 0) return
        const start = (slot * before + lane) * width
        target.set(source.subarray(start, start + width), (slot * from.length + to) * width)
      })
    }
  }

  #copyRows(source: Values, target: Values, from: { capacity: number; lanes: number }): void {
    if (from.lanes === this.#lanes) {
      target.set(source)
      return
    }
    const width = from.lanes * this.rowLength
    const stride = this.#lanes * this.rowLength
    for (let slot = 0; slot < from.capacity; slot++) target.set(source.subarray(slot * width, (slot + 1) * width), slot * stride)
  }
}

/** The next multiple of the block that the graph is shown. */
export function roundUpSlots(slots: number): number {
  return Math.ceil(slots / SLOT_BLOCK) * SLOT_BLOCK
}

function positive(param: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError(param, `${param} is ${value}; give a whole number of at least 1`)
  return value
}
