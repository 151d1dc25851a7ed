/**
 * K and V rows in a device's memory: two blocks a layer, `[lanes, slots, row]`, so that a sequence's rows lie together
 * and the device's attention reads them as they are. Blocks are taken by the first call that needs them. Nothing of
 * them is seen here: rows are copied within the device, and to bytes and back only for the prefix cache.
 */
import { InvalidArgumentError, RuntimeError } from '../../spec/errors.js'
import type { Pointer } from '../binding/api.js'
import type { Block, Copy, DeviceMemory, Place } from '../device/memory.js'
import { laneCopies, rowBytes, runsOf, type Part } from './device-rows.js'
import {
  bytesPerToken,
  ELEMENT_BYTES,
  requireLanes,
  requirePositive,
  requireRows,
  requireSameShape,
  roundUpSlots,
  SLOT_BLOCK,
  type CacheSize,
  type KvShape,
  type KvStore,
  type KvValues,
  type RowsOfLane,
} from './store.js'

const FIRST_SLOTS = 256
/** Of one lane, a pass is shown slots in steps of this: passes of few shapes, and equal kernels for equal texts. */
export const SHOWN_BLOCK = 256

export class DeviceKvStore implements KvStore<Pointer> {
  readonly shape: KvShape
  readonly isByLane = true
  readonly #memory: DeviceMemory
  /** Slots of all lanes together, where they are given once and for all. */
  readonly #cells: number | undefined
  #capacity: number
  #lanes: number
  /** K and V of each layer in turn; empty until they are needed. */
  #parts: Part[] = []
  /** Why rows are where nobody knows; null: they are not. */
  #fault: unknown = null
  /** Values of the slots shown last. */
  #bound: { slots: number; values: KvValues<Pointer>[] } | null = null

  /** Throws `InvalidArgumentError` unless sizes are positive integers. */
  constructor(shape: KvShape, { slots = FIRST_SLOTS, lanes = 1, cells }: CacheSize, memory: DeviceMemory) {
    this.shape = shape
    this.#memory = memory
    this.#cells = cells
    this.#lanes = requirePositive('lanes', lanes)
    this.#capacity = cells === undefined ? roundUpSlots(requirePositive('slots', slots)) : this.#shareOf(lanes)
  }

  get capacity(): number {
    return this.#capacity
  }

  get lanes(): number {
    return this.#lanes
  }

  /** Stands for where the rows lie: another one once they have moved to other memory. */
  get place(): object {
    return this.#parts
  }

  /** Several lanes are shown as they lie, with all their slots. */
  shownSlots(live: number): number {
    if (this.#lanes > 1) return this.#capacity
    return Math.min(this.#capacity, Math.ceil(live / SHOWN_BLOCK) * SHOWN_BLOCK)
  }

  /** Takes the memory. Throws `RuntimeError` where the device has not so much. */
  async prepare(): Promise<void> {
    if (this.#fault !== null)
      throw new RuntimeError(`K/V rows were lost when they were moved: ${String(this.#fault)}; open the model again`)
    if (this.#parts.length === 0) this.#parts = await this.#allocate(this.#capacity, this.#lanes, true)
  }

  bind(layer: number, slots: number): KvValues<Pointer> {
    if (this.#bound?.slots !== slots) {
      this.#unbind()
      const value = ({ block, type, row }: Part): Pointer => this.#memory.value(block, type, [this.#lanes, slots, row])
      const values = this.shape.rows.map((_, i) => ({
        k: value(this.#parts[2 * i]),
        v: value(this.#parts[2 * i + 1]),
      }))
      this.#bound = { slots, values }
    }
    return this.#bound!.values[layer]
  }

  async resize(lanesFrom: readonly number[], slots: number): Promise<void> {
    requireLanes(lanesFrom, this.#lanes)
    const lanes = requirePositive('lanes', lanesFrom.length)
    requirePositive('slots', slots)
    const capacity = this.#cells === undefined ? Math.max(this.#capacity, roundUpSlots(slots)) : this.#shareOf(lanes)
    if (slots > capacity)
      throw new RuntimeError(
        `${slots} slots were asked for and the cache has ${capacity} for each of ${lanes} sequences`,
      )
    const isSame = lanes === this.#lanes && capacity === this.#capacity && lanesFrom.every((from, to) => from === to)
    if (!isSame) await this.#layOut(lanesFrom, capacity)
  }

  async read(at: RowsOfLane): Promise<Uint8Array> {
    requireRows(at, this)
    await this.prepare()
    const bytes = new Uint8Array(at.slots.length * bytesPerToken(this.shape))
    await this.#memory.copy(
      this.#withBytes(at, bytes).map(({ device, host, bytes: count }) => ({ from: device, to: host, bytes: count })),
    )
    return bytes
  }

  async write(at: RowsOfLane, bytes: Uint8Array): Promise<void> {
    const expected = at.slots.length * bytesPerToken(this.shape)
    if (bytes.length !== expected)
      throw new InvalidArgumentError(
        'bytes',
        `${bytes.length} bytes came for ${at.slots.length} slots; give ${expected}`,
      )
    requireRows(at, this)
    await this.prepare()
    await this.#memory.copy(
      this.#withBytes(at, bytes).map(({ device, host, bytes: count }) => ({ from: host, to: device, bytes: count })),
    )
  }

  async copyFrom(source: KvStore, from: RowsOfLane, to: RowsOfLane): Promise<void> {
    requireSameShape(source.shape, this.shape)
    if (from.slots.length !== to.slots.length)
      throw new InvalidArgumentError('slots', `${from.slots.length} rows cannot go to ${to.slots.length} slots`)
    if (!(source instanceof DeviceKvStore)) return this.write(to, await source.read(from))
    requireRows(from, source)
    requireRows(to, this)
    await source.prepare()
    await this.prepare()
    const runs = runsOf(to.slots, from.slots)
    const copies = this.#parts.flatMap((part, i) =>
      runs.map(({ at, count }) => ({
        from: source.#place(source.#parts[i], from.lane, from.slots[at]),
        to: this.#place(part, to.lane, to.slots[at]),
        bytes: count * rowBytes(part),
      })),
    )
    await this.#memory.copy(copies)
  }

  dispose(): void {
    this.#unbind()
    this.#free(this.#parts)
    this.#parts = []
  }

  async #layOut(lanesFrom: readonly number[], capacity: number): Promise<void> {
    this.#unbind()
    const moves = (part: Part, to: Block): Copy[] =>
      laneCopies(lanesFrom, { part, to, before: this.#capacity, after: capacity })
    if (this.#cells === undefined) {
      const next = await this.#allocate(capacity, lanesFrom.length)
      await this.#memory.copy(this.#parts.flatMap((part, i) => moves(part, next[i].block))).catch((error: unknown) => {
        this.#free(next)
        throw error
      })
      this.#free(this.#parts)
      this.#parts = next
    } else await this.#layOutInPlace(moves)
    this.#capacity = capacity
    this.#lanes = lanesFrom.length
  }

  /** Part by part by way of one more block. */
  async #layOutInPlace(moves: (part: Part, to: Block) => Copy[]): Promise<void> {
    if (this.#parts.length === 0) return
    const spare = await this.#memory.allocate(Math.max(...this.#parts.map(({ block }) => block.bytes)))
    try {
      for (const part of this.#parts) {
        await this.#memory.copy([{ from: part.block, to: spare, bytes: part.block.bytes }])
        await this.#memory.copy(moves({ ...part, block: spare }, part.block))
      }
    } catch (error) {
      // Some parts are moved and some are not: no row can be told from another any more.
      this.#fault = error
      throw error
    } finally {
      this.#memory.free(spare)
    }
  }

  /** Blocks for so many lanes, where there are blocks at all; none is kept where one cannot be had. */
  async #allocate(capacity: number, lanes: number, isFirst = false): Promise<Part[]> {
    const parts: Part[] = []
    if (this.#parts.length === 0 && !isFirst) return parts
    try {
      for (const row of this.shape.rows)
        for (const type of [this.shape.k, this.shape.v]) {
          const bytes = (this.#cells ?? capacity * lanes) * row * ELEMENT_BYTES[type]
          parts.push({ type, row, block: await this.#memory.allocate(bytes) })
        }
    } catch (error) {
      this.#free(parts)
      throw error
    }
    return parts
  }

  #free(parts: readonly Part[]): void {
    for (const { block } of parts) this.#memory.free(block)
  }

  #unbind(): void {
    for (const { k, v } of this.#bound?.values ?? []) {
      this.#memory.release(k)
      this.#memory.release(v)
    }
    this.#bound = null
  }

  /** The rows of these slots in the order of `read`: where they lie on the device, and in `bytes`. */
  #withBytes({ lane, slots }: RowsOfLane, bytes: Uint8Array): { device: Place; host: Place; bytes: number }[] {
    const runs = runsOf(slots)
    let begin = 0
    return this.#parts.flatMap((part) => {
      const start = begin
      begin += slots.length * rowBytes(part)
      return runs.map(({ at, count }) => ({
        device: this.#place(part, lane, slots[at]),
        host: this.#memory.hostPlace(bytes, start + at * rowBytes(part)),
        bytes: count * rowBytes(part),
      }))
    })
  }

  #place(part: Part, lane: number, slot: number): Place {
    return { address: part.block.address + BigInt((lane * this.#capacity + slot) * rowBytes(part)) }
  }

  #shareOf(lanes: number): number {
    return Math.floor((this.#cells ?? 0) / lanes / SLOT_BLOCK) * SLOT_BLOCK
  }
}
