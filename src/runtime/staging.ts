/**
 * Turns the rows of a pass into the graph's inputs: int64 ids and places, the mask arranged as B equal groups of G rows
 * (one group a lane), and the row numbers that arrange and undo that. Its memory is reused from pass to pass.
 */
import { InvalidArgumentError } from '../errors.js'
import type { ForwardInput } from './forward.js'
import { roundUpSlots } from './kv-cache.js'
import type { NamedTensor } from './tensor.js'

/** Whole numbers kept as int64: the low word is written, the high word stays zero (nothing here is negative). */
class Int64Array {
  words = new Int32Array(0)
  #view = new BigInt64Array(0)

  resize(length: number): void {
    if (this.words.length < 2 * length) this.words = new Int32Array(4 * length)
    if (this.#view.length !== length || this.#view.buffer !== this.words.buffer) this.#view = new BigInt64Array(this.words.buffer as ArrayBuffer, 0, length)
  }

  get view(): BigInt64Array {
    return this.#view
  }
}

export class Staging {
  /** The graph's inputs except the caches; their `data` and `dims` are those of the last `fill`. */
  readonly tensors: readonly NamedTensor[]
  /** Rows as the graph sees them: n, or B * G where the graph has no inputs to arrange rows. */
  rows = 0
  /** Slots as the graph sees them: the live slots, rounded up. */
  slots = 0
  /** [n] row of the graph that each given row became. */
  rowOf = new Int32Array(0)
  /** Whether the graph arranges rows itself (inputs `group_rows` and `ungroup_rows`). */
  readonly grouped: boolean
  readonly #ints: Record<string, Int64Array>
  #mask = new Uint8Array(0)
  /** [B * G] given row at each group place. */
  #rowAt = new Int32Array(0)

  constructor(inputNames: readonly string[]) {
    this.grouped = inputNames.includes('group_rows')
    const names = ['input_ids', 'position_ids', 'cache_index', 'logit_rows', ...(this.grouped ? ['group_rows', 'ungroup_rows'] : [])]
    this.#ints = Object.fromEntries(names.map((name) => [name, new Int64Array()]))
    this.tensors = [...names.map((name): NamedTensor => ({ name, type: 'int64', data: new BigInt64Array(0), dims: [] })),
      { name: 'mask', type: 'bool', data: this.#mask, dims: [] }]
  }

  /** Takes over one pass for a cache of `lanes` lanes. `input` is not referred to afterwards. */
  fill(input: ForwardInput, lanes: number): void {
    const n = input.tokens.length
    const groupRows = this.#arrange(input.lanes, lanes)
    const places = lanes * groupRows
    this.rows = this.grouped ? n : places
    this.slots = roundUpSlots(input.liveSlots)
    this.#fillRows(input)
    this.#fillMask(input, lanes, groupRows)
    const dims: Record<string, number[]> = {
      input_ids: [1, this.rows], position_ids: [1, this.rows], cache_index: [1, this.rows, 2], logit_rows: [input.logitRows.length],
      group_rows: [places], ungroup_rows: [n], mask: [lanes, 1, groupRows, this.slots],
    }
    for (const tensor of this.tensors) {
      tensor.dims = dims[tensor.name]
      tensor.data = tensor.name === 'mask' ? this.#mask.subarray(0, places * this.slots) : this.#ints[tensor.name].view
    }
  }

  /** Gives each row its place, lane by lane; free places repeat the lane's first row (row 0 in an idle lane). Returns G. */
  #arrange(rowLanes: Int32Array, lanes: number): number {
    const n = rowLanes.length
    const first = new Int32Array(lanes).fill(-1)
    const counts = new Int32Array(lanes)
    for (let row = 0; row < n; row++) {
      const lane = rowLanes[row]
      if (first[lane] < 0) first[lane] = row
      counts[lane]++
    }
    const groupRows = counts.reduce((most, count) => Math.max(most, count), 0)
    const places = lanes * groupRows
    if (this.#rowAt.length < places) this.#rowAt = new Int32Array(2 * places)
    for (let lane = 0; lane < lanes; lane++) {
      for (let index = 0; index < groupRows; index++) {
        const row = index < counts[lane] ? first[lane] + index : Math.max(0, first[lane])
        this.#rowAt[lane * groupRows + index] = row
      }
    }
    this.#fillPlaces(rowLanes, first, groupRows, places)
    return groupRows
  }

  #fillPlaces(rowLanes: Int32Array, first: Int32Array, groupRows: number, places: number): void {
    const n = rowLanes.length
    if (this.rowOf.length < n) this.rowOf = new Int32Array(2 * n)
    const { group_rows: group, ungroup_rows: ungroup } = this.#ints
    if (this.grouped) {
      group.resize(places)
      ungroup.resize(n)
      for (let place = 0; place < places; place++) group.words[2 * place] = this.#rowAt[place]
    }
    for (let row = 0; row < n; row++) {
      const lane = rowLanes[row]
      const place = lane * groupRows + row - first[lane]
      this.rowOf[row] = this.grouped ? row : place
      if (this.grouped) ungroup.words[2 * row] = place
    }
  }

  /** Without grouping inputs a free place is a whole repeated row, cache place included: it writes the same bits again. */
  #fillRows(input: ForwardInput): void {
    const { input_ids: ids, position_ids: positions, cache_index: index, logit_rows: logitRows } = this.#ints
    ids.resize(this.rows)
    positions.resize(this.rows)
    index.resize(2 * this.rows)
    for (let at = 0; at < this.rows; at++) {
      const row = this.grouped ? at : this.#rowAt[at]
      ids.words[2 * at] = input.tokens[row]
      positions.words[2 * at] = input.positions[row]
      index.words[4 * at] = input.slots[row]
      index.words[4 * at + 2] = input.lanes[row]
    }
    logitRows.resize(input.logitRows.length)
    for (let i = 0; i < input.logitRows.length; i++) logitRows.words[2 * i] = this.rowOf[input.logitRows[i]]
  }

  #fillMask({ mask, lanes: rowLanes, liveSlots }: ForwardInput, lanes: number, groupRows: number): void {
    const places = lanes * groupRows
    if (this.#mask.length < places * this.slots) this.#mask = new Uint8Array(2 * places * this.slots)
    for (let place = 0; place < places; place++) {
      const row = this.#rowAt[place]
      const start = place * this.slots
      const isIdle = rowLanes[row] * groupRows > place || place >= (rowLanes[row] + 1) * groupRows
      if (isIdle) this.#mask.fill(0, start, start + this.slots)
      else {
        this.#mask.set(mask.subarray(row * liveSlots, (row + 1) * liveSlots), start)
        this.#mask.fill(0, start + liveSlots, start + this.slots)
      }
    }
  }
}

/** Throws `InvalidArgumentError` for a pass that the graph would misread: sizes that disagree, lanes out of order, slots outside. */
export function checkInput(input: ForwardInput, limits: { capacity: number; lanes: number; vocab: number }): void {
  const { tokens, positions, slots, lanes, liveSlots, mask, logitRows } = input
  const n = tokens.length
  const fail = (param: string, message: string): never => {
    throw new InvalidArgumentError(param, message)
  }
  if (n === 0) fail('tokens', 'a pass has no rows; give at least one token')
  if (positions.length !== n || slots.length !== n || lanes.length !== n) {
    fail('positions', `${n} tokens came with ${positions.length} positions, ${slots.length} slots and ${lanes.length} lanes; give one of each per row`)
  }
  if (liveSlots < 1 || liveSlots > limits.capacity) fail('liveSlots', `liveSlots is ${liveSlots}, the cache holds ${limits.capacity}; call reserve first`)
  if (mask.length !== n * liveSlots) fail('mask', `the mask has ${mask.length} entries; give rows * liveSlots = ${n * liveSlots}`)
  for (let row = 0; row < n; row++) {
    if (tokens[row] < 0 || tokens[row] >= limits.vocab) fail('tokens', `token ${tokens[row]} in row ${row} is outside 0 .. ${limits.vocab - 1}`)
    if (positions[row] < 0) fail('positions', `position ${positions[row]} in row ${row} is negative`)
    if (slots[row] < 0 || slots[row] >= liveSlots) fail('slots', `slot ${slots[row]} in row ${row} is outside 0 .. ${liveSlots - 1}`)
    if (lanes[row] < 0 || lanes[row] >= limits.lanes) fail('lanes', `lane ${lanes[row]} in row ${row} is outside 0 .. ${limits.lanes - 1}`)
    if (row > 0 && lanes[row] < lanes[row - 1]) fail('lanes', `lane ${lanes[row]} in row ${row} follows lane ${lanes[row - 1]}; give rows lane by lane, ascending`)
  }
  for (const row of logitRows) if (row < 0 || row >= n) fail('logitRows', `logit row ${row} is outside 0 .. ${n - 1}`)
}
