/** K and V rows in this process's memory: two typed arrays a layer, `[slots, lanes, row]`. */
import { InvalidArgumentError, RuntimeError } from '../../spec/errors.js'
import type { TensorView } from '../tensor.js'
import { laneMove, moveLanes } from './lane-moves.js'
import {
  bytesPerToken,
  type CacheSize,
  type ElementType,
  type KvShape,
  type KvStore,
  type KvValues,
  requireLanes,
  requirePositive,
  requireRows,
  requireSameShape,
  roundUpSlots,
  type RowsOfLane,
  SLOT_BLOCK,
} from './store.js'

/** What a backend makes of host memory to bind it. */
export interface HostBinder<Value> {
  bind(view: TensorView): Value
  release(value: Value): void
}

type KvArray = Int8Array | Uint8Array | Uint16Array | Float32Array
const ARRAYS = { int8: Int8Array, uint8: Uint8Array, float16: Uint16Array, float32: Float32Array }

const FIRST_SLOTS = 256
/** Memory is given back where it is more than so many times what is needed. */
const MOST_SPARE = 8
/** Bound values are kept for this many different lengths; a conversation crosses a block every few passes. */
const KEPT_LENGTHS = 32

export class HostKvStore<Value> implements KvStore<Value> {
  readonly shape: KvShape
  readonly isByLane = false
  readonly #binder: HostBinder<Value>
  /** Slots of all lanes together, where they are given once and for all: lanes then share out the same memory. */
  readonly #cells: number | undefined
  /** [layers] of [capacity, lanes, row], and memory to spare. */
  #keys: KvArray[]
  #values: KvArray[]
  #capacity: number
  #lanes: number
  /** By slots, least recently used first: [layers] bound values. */
  readonly #bound = new Map<number, KvValues<Value>[]>()
  /** Slots of the bound values used last. */
  #boundSlots = 0
  #lastBound: KvValues<Value>[] | null = null

  /** Throws `InvalidArgumentError` unless sizes are positive integers. */
  constructor(shape: KvShape, { slots = FIRST_SLOTS, lanes = 1, cells }: CacheSize, binder: HostBinder<Value>) {
    this.shape = shape
    this.#binder = binder
    this.#cells = cells
    this.#lanes = requirePositive('lanes', lanes)
    this.#capacity = cells === undefined ? roundUpSlots(requirePositive('slots', slots)) : this.#shareOf(lanes)
    const places = this.#placesFor(this.#capacity, lanes)
    this.#keys = shape.rows.map((row) => new ARRAYS[shape.k](places * row))
    this.#values = shape.rows.map((row) => new ARRAYS[shape.v](places * row))
  }

  get capacity(): number {
    return this.#capacity
  }

  get lanes(): number {
    return this.#lanes
  }

  /** Bytes of memory taken, with what is spare. */
  get bytes(): number {
    return [...this.#keys, ...this.#values].reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  shownSlots(live: number): number {
    return roundUpSlots(live)
  }

  bind(layer: number, slots: number): KvValues<Value> {
    if (!this.#lastBound || this.#boundSlots !== slots) this.#lastBound = this.#boundOf(slots)
    return this.#lastBound[layer]
  }

  async resize(lanesFrom: readonly number[], slots: number): Promise<void> {
    requireLanes(lanesFrom, this.#lanes)
    const lanes = requirePositive('lanes', lanesFrom.length)
    const capacity =
      this.#cells === undefined
        ? Math.max(this.#capacity, roundUpSlots(requirePositive('slots', slots)))
        : this.#shareOf(lanes)
    if (requirePositive('slots', slots) > capacity)
      throw new RuntimeError(
        `${slots} slots were asked for and the cache has ${capacity} for each of ${lanes} sequences`,
      )
    this.#unbindAll()
    this.#layOut(lanesFrom, capacity)
  }

  async read({ lane, slots }: RowsOfLane): Promise<Uint8Array> {
    const bytes = new Uint8Array(slots.length * bytesPerToken(this.shape))
    let at = 0
    this.#eachRow(lane, slots, (row) => {
      bytes.set(row, at)
      at += row.length
    })
    return bytes
  }

  async write({ lane, slots }: RowsOfLane, bytes: Uint8Array): Promise<void> {
    const expected = slots.length * bytesPerToken(this.shape)
    if (bytes.length !== expected)
      throw new InvalidArgumentError('bytes', `${bytes.length} bytes came for ${slots.length} slots; give ${expected}`)
    let at = 0
    this.#eachRow(lane, slots, (row) => {
      row.set(bytes.subarray(at, at + row.length))
      at += row.length
    })
  }

  async copyFrom(source: KvStore, from: RowsOfLane, to: RowsOfLane): Promise<void> {
    requireSameShape(source.shape, this.shape)
    if (from.slots.length !== to.slots.length)
      throw new InvalidArgumentError('slots', `${from.slots.length} rows cannot go to ${to.slots.length} slots`)
    if (!(source instanceof HostKvStore)) return this.write(to, await source.read(from))
    requireRows(from, source)
    requireRows(to, this)
    this.shape.rows.forEach((row, layer) => {
      for (const [read, written] of [
        [source.#keys[layer], this.#keys[layer]],
        [source.#values[layer], this.#values[layer]],
      ]) {
        for (let i = 0; i < to.slots.length; i++) {
          const start = source.#place(from.lane, from.slots[i]) * row
          written.set(read.subarray(start, start + row), this.#place(to.lane, to.slots[i]) * row)
        }
      }
    })
  }

  dispose(): void {
    this.#unbindAll()
    this.#keys = []
    this.#values = []
  }

  #boundOf(slots: number): KvValues<Value>[] {
    const bound = this.#bound.get(slots) ?? this.#bindAll(slots)
    this.#boundSlots = slots
    this.#bound.delete(slots)
    this.#bound.set(slots, bound)
    if (this.#bound.size > KEPT_LENGTHS) {
      const [oldest] = this.#bound.keys()
      this.#unbind(oldest)
    }
    return bound
  }

  #bindAll(slots: number): KvValues<Value>[] {
    const { shape } = this
    const view = (array: KvArray, type: ElementType, row: number): TensorView => ({
      type,
      data: array.subarray(0, slots * this.#lanes * row),
      dims: [slots, this.#lanes, row],
    })
    return shape.rows.map((row, layer) => ({
      k: this.#binder.bind(view(this.#keys[layer], shape.k, row)),
      v: this.#binder.bind(view(this.#values[layer], shape.v, row)),
    }))
  }

  #unbind(slots: number): void {
    for (const { k, v } of this.#bound.get(slots) ?? []) {
      this.#binder.release(k)
      this.#binder.release(v)
    }
    this.#bound.delete(slots)
  }

  #unbindAll(): void {
    for (const slots of this.#bound.keys()) this.#unbind(slots)
    this.#lastBound = null
  }

  /** The bytes of every row of these slots, where they lie, in the order of `read`. */
  #eachRow(lane: number, slots: Int32Array, visit: (row: Uint8Array) => void): void {
    requireRows({ lane, slots }, this)
    this.shape.rows.forEach((row, layer) => {
      for (const { buffer, byteOffset, BYTES_PER_ELEMENT } of [this.#keys[layer], this.#values[layer]]) {
        const rowBytes = row * BYTES_PER_ELEMENT
        for (const slot of slots)
          visit(new Uint8Array(buffer, byteOffset + this.#place(lane, slot) * rowBytes, rowBytes))
      }
    })
  }

  /** Rows before that of a slot in a lane. */
  #place(lane: number, slot: number): number {
    return slot * this.#lanes + lane
  }

  #placesFor(capacity: number, lanes: number): number {
    return this.#cells ?? capacity * lanes
  }

  #shareOf(lanes: number): number {
    return Math.floor((this.#cells ?? 0) / lanes / SLOT_BLOCK) * SLOT_BLOCK
  }

  /**
   * In place where the memory allows: lanes come and go with the load, and memory taken anew each time would keep the
   * garbage collector busy. Layer by layer, so that only one is held twice where it does not.
   */
  #layOut(lanesFrom: readonly number[], capacity: number): void {
    const places = this.#placesFor(capacity, lanesFrom.length)
    const slots = Math.min(capacity, this.#capacity)
    this.shape.rows.forEach((row, layer) => {
      const move = laneMove(lanesFrom, this.#lanes, slots, row)
      const moved = (array: KvArray, type: ElementType): KvArray => {
        const isFit = places * row <= array.length && places * row * MOST_SPARE >= array.length
        const target = isFit ? array : new ARRAYS[type](places * row)
        moveLanes<KvArray>(array, target, move)
        return target
      }
      this.#keys[layer] = moved(this.#keys[layer], this.shape.k)
      this.#values[layer] = moved(this.#values[layer], this.shape.v)
    })
    this.#capacity = capacity
    this.#lanes = lanesFrom.length
  }
}
