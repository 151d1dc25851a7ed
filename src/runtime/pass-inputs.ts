/**
 * Turns the rows of a pass into the graph's inputs: int64 ids and places, the mask arranged as B equal groups of G rows
 * (one group a lane), and the row numbers that arrange and undo that. Its memory is reused from pass to pass.
 */
import { InvalidArgumentError } from '../spec/errors.js'
import type { ForwardInput } from './forward.js'
import type { KvStore } from './kv/store.js'
import type { NamedTensor } from './tensor.js'

/** Whole numbers kept as int64: the low word is written, the high word stays zero (nothing here is negative). */
class Int64Array {
  words = new Int32Array(0)
  #view = new BigInt64Array(0)

  resize(length: number): void {
    if (this.words.length < 2 * length) this.words = new Int32Array(4 * length)
    if (this.#view.length !== length || this.#view.buffer !== this.words.buffer)
      this.#view = new BigInt64Array(this.words.buffer as ArrayBuffer, 0, length)
  }

  get view(): BigInt64Array {
    return this.#view
  }
}

const NO_FEATURES = new Float32Array(0)

export class PassInputs {
  /** The graph's inputs except the caches; their `data` and `dims` are those of the last `fill`. */
  readonly tensors: readonly NamedTensor[]
  /** Slots as the graph sees them: the live slots, and what its cache shows beside. */
  slots = 0
  /** Whether the graph takes several lanes (it has inputs to arrange rows by lane). */
  readonly isGrouped: boolean
  /** Whether the graph reads features beside tokens. */
  readonly hasFeatures: boolean
  /** Whether the graph reads the positions of slots. */
  readonly hasWindows: boolean
  readonly #ints: Record<string, Int64Array>
  #mask = new Uint8Array(0)
  /** [B * G] row at each group place. */
  #rowAt = new Int32Array(0)

  constructor(inputNames: readonly string[]) {
    this.isGrouped = inputNames.includes('group_rows')
    this.hasFeatures = inputNames.includes('features')
    this.hasWindows = inputNames.includes('slot_positions')
    const names = [
      'input_ids',
      'position_ids',
      'cache_index',
      'logit_rows',
      ...(this.isGrouped ? ['group_rows', 'ungroup_rows'] : []),
      ...(this.hasWindows ? ['slot_positions'] : []),
    ]
    this.#ints = Object.fromEntries(names.map((name) => [name, new Int64Array()]))
    this.tensors = [
      ...names.map((name): NamedTensor => ({ name, type: 'int64', data: new BigInt64Array(0), dims: [] })),
      { name: 'mask', type: 'bool', data: this.#mask, dims: [] },
      ...(this.hasFeatures
        ? [{ name: 'features', type: 'float32', data: new Float32Array(0), dims: [] } as NamedTensor]
        : []),
    ]
  }

  /** Takes over one pass over a cache. Of `input`, features alone are referred to until the pass ends. */
  fill(input: ForwardInput, cache: Pick<KvStore, 'isByLane' | 'lanes' | 'shownSlots'>): void {
    const n = input.tokens.length
    const { lanes, isByLane } = cache
    this.slots = cache.shownSlots(input.liveSlots)
    const groupRows = this.#arrange(input.lanes, lanes, isByLane && lanes > 1)
    const places = lanes * groupRows
    this.#fillRows(input, isByLane)
    this.#fillMask(input, places, groupRows)
    if (this.hasWindows) this.#fillSlotPositions(input, lanes)
    const features = input.features ?? NO_FEATURES
    const dims: Record<string, number[]> = {
      features: [1, n, features.length / n],
      input_ids: [1, n],
      position_ids: [1, n],
      cache_index: [1, n, 2],
      logit_rows: [input.logitRows.length],
      group_rows: isByLane ? [lanes, groupRows] : [places],
      ungroup_rows: [n],
      mask: [lanes, 1, groupRows, this.slots],
      slot_positions: [lanes, this.slots],
    }
    for (const tensor of this.tensors) {
      tensor.dims = dims[tensor.name]
      if (tensor.name === 'mask') tensor.data = this.#mask.subarray(0, places * this.slots)
      else tensor.data = tensor.name === 'features' ? features : this.#ints[tensor.name].view
    }
  }

  /**
   * Gives each row its place, lane by lane; free places repeat the lane's first row (row 0 in an idle lane). Returns G.
   * `isFew`: of few values, powers of two, so that a device's kernels are those of few shapes.
   */
  #arrange(rowLanes: Int32Array, lanes: number, isFew: boolean): number {
    const first = new Int32Array(lanes).fill(-1)
    const counts = new Int32Array(lanes)
    rowLanes.forEach((lane, row) => {
      if (first[lane] < 0) first[lane] = row
      counts[lane]++
    })
    const most = Math.max(...counts)
    const groupRows = isFew ? 2 ** Math.ceil(Math.log2(most)) : most
    const places = lanes * groupRows
    if (this.#rowAt.length < places) this.#rowAt = new Int32Array(2 * places)
    for (let place = 0; place < places; place++) {
      const lane = Math.floor(place / groupRows)
      const index = place % groupRows
      this.#rowAt[place] = Math.max(0, first[lane] + (index < counts[lane] ? index : 0))
    }
    if (this.isGrouped) this.#fillGroups(rowLanes, first, groupRows, places)
    return groupRows
  }

  #fillGroups(rowLanes: Int32Array, first: Int32Array, groupRows: number, places: number): void {
    const { group_rows: group, ungroup_rows: ungroup } = this.#ints
    group.resize(places)
    for (let place = 0; place < places; place++) group.words[2 * place] = this.#rowAt[place]
    ungroup.resize(rowLanes.length)
    rowLanes.forEach((lane, row) => {
      ungroup.words[2 * row] = lane * groupRows + row - first[lane]
    })
  }

  #fillRows({ tokens, positions, slots, lanes, logitRows }: ForwardInput, isByLane: boolean): void {
    const { input_ids: ids, position_ids: places, cache_index: index, logit_rows: wanted } = this.#ints
    ids.resize(tokens.length)
    places.resize(tokens.length)
    index.resize(2 * tokens.length)
    for (let row = 0; row < tokens.length; row++) {
      ids.words[2 * row] = tokens[row]
      places.words[2 * row] = positions[row]
      index.words[4 * row] = isByLane ? lanes[row] : slots[row]
      index.words[4 * row + 2] = isByLane ? slots[row] : lanes[row]
    }
    wanted.resize(logitRows.length)
    logitRows.forEach((row, i) => {
      wanted.words[2 * i] = row
    })
  }

  #fillSlotPositions({ slotPositions, liveSlots }: ForwardInput, lanes: number): void {
    const { slot_positions: positions } = this.#ints
    positions.resize(lanes * this.slots)
    slotPositions!.forEach((position, i) => {
      const lane = Math.floor(i / liveSlots)
      positions.words[2 * (lane * this.slots + (i % liveSlots))] = position
    })
  }

  /** Rows of an idle lane see nothing; nobody reads what they come to. */
  #fillMask({ mask, lanes: rowLanes, liveSlots }: ForwardInput, places: number, groupRows: number): void {
    if (this.#mask.length < places * this.slots) this.#mask = new Uint8Array(2 * places * this.slots)
    for (let place = 0; place < places; place++) {
      const row = this.#rowAt[place]
      const start = place * this.slots
      const seen = rowLanes[row] === Math.floor(place / groupRows) ? liveSlots : 0
      this.#mask.set(mask.subarray(row * liveSlots, row * liveSlots + seen), start)
      this.#mask.fill(0, start + seen, start + this.slots)
    }
  }
}

/**
 * Throws `InvalidArgumentError` for a pass that the graph would misread: sizes that disagree, lanes out of order, slots
 * outside.
 */
export function checkInput(
  input: ForwardInput,
  limits: { capacity: number; lanes: number; vocab: number; features: number; hasWindows: boolean },
): void {
  const { tokens, positions, slots, lanes, liveSlots, mask, logitRows } = input
  const n = tokens.length
  const fail = (param: string, message: string): never => {
    throw new InvalidArgumentError(param, message)
  }
  if (n === 0) fail('tokens', 'a pass has no rows; give at least one token')
  if (positions.length !== n || slots.length !== n || lanes.length !== n) {
    fail(
      'positions',
      `${n} tokens came with ${positions.length} positions, ${slots.length} slots and ${lanes.length} lanes; ` +
        'give one of each per row',
    )
  }
  if (liveSlots < 1 || liveSlots > limits.capacity)
    fail('liveSlots', `liveSlots is ${liveSlots}, the cache holds ${limits.capacity}; resize the cache first`)
  const given = input.features?.length ?? 0
  if (given !== n * limits.features)
    fail('features', `${given} feature values came with ${n} rows; this graph reads ${limits.features} a row`)
  const placed = limits.hasWindows ? limits.lanes * liveSlots : 0
  if (limits.hasWindows && input.slotPositions?.length !== placed)
    fail(
      'slotPositions',
      `${input.slotPositions?.length ?? 0} positions of slots came; give lanes * liveSlots = ${placed}`,
    )
  if (mask.length !== n * liveSlots)
    fail('mask', `the mask has ${mask.length} entries; give rows * liveSlots = ${n * liveSlots}`)
  for (let row = 0; row < n; row++) {
    if (tokens[row] < 0 || tokens[row] >= limits.vocab)
      fail('tokens', `token ${tokens[row]} in row ${row} is outside 0 .. ${limits.vocab - 1}`)
    if (positions[row] < 0) fail('positions', `position ${positions[row]} in row ${row} is negative`)
    if (slots[row] < 0 || slots[row] >= liveSlots)
      fail('slots', `slot ${slots[row]} in row ${row} is outside 0 .. ${liveSlots - 1}`)
    if (lanes[row] < 0 || lanes[row] >= limits.lanes)
      fail('lanes', `lane ${lanes[row]} in row ${row} is outside 0 .. ${limits.lanes - 1}`)
    if (row > 0 && lanes[row] < lanes[row - 1])
      fail(
        'lanes',
        `lane ${lanes[row]} in row ${row} follows lane ${lanes[row - 1]}; give rows lane by lane, ascending`,
      )
  }
  for (const row of logitRows) if (row < 0 || row >= n) fail('logitRows', `logit row ${row} is outside 0 .. ${n - 1}`)
}
