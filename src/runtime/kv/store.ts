/**
 * `KvStore`: the K and V rows of all layers of one model, for several sequences (lanes), wherever their memory lies.
 * A row is what one token of one sequence has in one layer. In this process's memory (`host.ts`) slots come first: the
 * live slots of all lanes are a prefix of a larger cache, and more slots never move a row's place.
 *
 * A store of a device (`device.ts`) keeps its rows there. Its `bind` gives values over the device's memory, which a
 * session there reads and writes in place; `resize` and `copyFrom` copy within the device; `read` and `write` alone
 * cross the bus, and settle when the copy has arrived. Nothing here asks for an address or a typed array, so that
 * callers do not know.
 */
import { InvalidArgumentError } from '../../spec/errors.js'
import type { TensorType } from '../tensor.js'

/** How one number of K or V is kept. */
export type ElementType = Extract<TensorType, 'int8' | 'uint8' | 'float16' | 'float32'>

export const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = { int8: 1, uint8: 1, float16: 2, float32: 4 }

/** What a model keeps of a token. */
export interface KvShape {
  k: ElementType
  v: ElementType
  /** [layers] numbers of a row: KV heads times head size, the same for K and V. */
  rows: readonly number[]
}

/** How large a cache is: of so many slots and lanes at first, or of so many slots in all lanes together for good. */
export interface CacheSize {
  slots?: number
  lanes?: number
  cells?: number
}

/** Rows of one lane, in the order given. */
export interface RowsOfLane {
  lane: number
  slots: Int32Array
}

/** One layer's K and V as a backend binds them, each as input and output at once. */
export interface KvValues<Value> {
  readonly k: Value
  readonly v: Value
}

/** `Value`: what the backend that made the store binds. One call at a time; never while a pass runs over the store. */
export interface KvStore<Value = unknown> {
  readonly shape: KvShape
  /** Slots of each lane. */
  readonly capacity: number
  readonly lanes: number
  /** Whether rows lie lane by lane, `[lanes, slots, row]`; else slots come first. */
  readonly isByLane: boolean
  /** Slots that a pass is shown which reads or writes none beyond the first `live`. */
  shownSlots(live: number): number
  /** The first `slots` slots of a layer. Valid until the next `resize`; the store releases it. */
  bind(layer: number, slots: number): KvValues<Value>
  /**
   * Makes lane i hold what lane `lanesFrom[i]` held (-1: nothing that matters), for as many lanes as are named, with
   * room for at least `slots` slots each. Rows keep their slots. Throws `InvalidArgumentError` for a lane that is not
   * there, `RuntimeError` where so many slots cannot be had.
   */
  resize(lanesFrom: readonly number[], slots: number): Promise<void>
  /** The rows as bytes: layer by layer, all K rows and then all V rows. */
  read(at: RowsOfLane): Promise<Uint8Array>
  /** Writes what `read` gave for as many rows of the same shape. Throws `InvalidArgumentError` for another length. */
  write(at: RowsOfLane, bytes: Uint8Array): Promise<void>
  /** Copies rows of a store of the same shape, one after another. Throws `InvalidArgumentError` for another shape. */
  copyFrom(source: KvStore, from: RowsOfLane, to: RowsOfLane): Promise<void>
  dispose(): void
}

/** Bytes of K and V that one token of one sequence takes, over all layers. */
export function bytesPerToken({ k, v, rows }: KvShape): number {
  return rows.reduce((sum, row) => sum + row, 0) * (ELEMENT_BYTES[k] + ELEMENT_BYTES[v])
}

/** Throws `InvalidArgumentError` for rows that are not of a store's own shape. */
export function requireSameShape(given: KvShape, own: KvShape): void {
  const isSame = given.k === own.k && given.v === own.v && given.rows.join() === own.rows.join()
  if (!isSame)
    throw new InvalidArgumentError(
      'source',
      `rows of ${given.rows.length} layers, K ${given.k} and V ${given.v}, do not fit a cache of ${own.rows.length} ` +
        `layers, K ${own.k} and V ${own.v}; copy between caches of the same model`,
    )
}

/** Slots are shown to the graph in blocks of this many, so that shapes repeat; the mask hides the rest of a block. */
export const SLOT_BLOCK = 16

/** The next multiple of the block that the graph is shown. */
export function roundUpSlots(slots: number): number {
  return Math.ceil(slots / SLOT_BLOCK) * SLOT_BLOCK
}

/** Throws `InvalidArgumentError` for lanes and slots that a store has not. */
export function requireRows(
  { lane, slots }: RowsOfLane,
  { lanes, capacity }: Pick<KvStore, 'lanes' | 'capacity'>,
): void {
  if (!(lane >= 0 && lane < lanes)) throw new InvalidArgumentError('lane', `lane ${lane} is outside 0 .. ${lanes - 1}`)
  for (const slot of slots)
    if (slot < 0 || slot >= capacity)
      throw new InvalidArgumentError('slots', `slot ${slot} is outside 0 .. ${capacity - 1}`)
}

/** Throws `InvalidArgumentError` for a lane, beside -1, that a store of so many has not. */
export function requireLanes(lanesFrom: readonly number[], lanes: number): void {
  const bad = lanesFrom.find((lane) => !Number.isInteger(lane) || lane < -1 || lane >= lanes)
  if (bad !== undefined) throw new InvalidArgumentError('lanesFrom', `lane ${bad} is outside 0 .. ${lanes - 1}`)
}

/** The value itself. Throws `InvalidArgumentError` unless it is a positive integer. */
export function requirePositive(param: string, value: number): number {
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError(param, `${param} is ${value}; give a whole number of at least 1`)
  return value
}
