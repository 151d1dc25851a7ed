/**
 * Passes of fixed shapes that a device records once and then replays as a whole (CUDA graphs). What was recorded reads
 * and writes the addresses that it was recorded with and nothing else, so each shape has places on the device: all
 * inputs side by side in one block, filled by one copy before each run, and the outputs in another, read by a copy
 * after it. ONNX Runtime runs an unknown number afresh, records it, and replays it from the next run on.
 */
import type { OrtApi, Pointer } from '../binding/api.js'
import type { Pass, Replays } from '../backend.js'
import type { DeviceKvStore } from '../kv/device.js'
import type { NamedTensor } from '../tensor.js'
import type { Block, DeviceMemory } from './memory.js'

/** ONNX Runtime's run option: the number of a recording. */
const GRAPH_ID = 'gpu_graph_id'
/** Neither recorded nor replayed. */
const AFRESH = '-1'
/** Tensors begin at multiples of it. */
const ALIGNMENT = 256
/** A recording stays as long as the session, so there are no more than this; other shapes are run afresh. */
export const MOST_RECORDINGS = 256

/** What runs of one shape over one cache are given. */
export interface Replay {
  readonly options: Pointer
  /** Values in the order of the pass's tensors. */
  readonly inputs: BigUint64Array
  readonly outputs: BigUint64Array
  send(inputs: readonly NamedTensor[]): Promise<void>
  fetch(outputs: readonly NamedTensor[]): Promise<void>
}

/** Tensors of a shape in a block. */
interface Placed {
  readonly block: Block
  readonly offsets: readonly number[]
  readonly values: BigUint64Array
}

interface Shape {
  readonly inputs: Placed
  readonly outputs: Placed
  /** What lies in the block of inputs next. */
  readonly staged: Uint8Array
}

export class ReplayedPasses implements Replays {
  isOn = true
  /** Run options of passes that are run afresh. */
  readonly afresh: Pointer
  readonly #api: OrtApi
  readonly #memory: DeviceMemory
  readonly #shapes = new Map<string, Shape>()
  /** Blocks of outputs by their bytes: shapes take turns. */
  readonly #outputs = new Map<number, Block>()
  /** By where K/V rows lie, and by shape. */
  readonly #recordings = new WeakMap<object, Map<string, Replay>>()
  readonly #options: Pointer[] = []

  constructor(api: OrtApi, memory: DeviceMemory) {
    this.#api = api
    this.#memory = memory
    this.afresh = this.#optionsOf(AFRESH)
  }

  get captured(): number {
    return this.#options.length - 1
  }

  /** Undefined for a pass that is run afresh: of no fixed shape, of several sequences, or one shape too many. */
  async of({ inputs, outputs, slots, isFixed }: Pass<Pointer>, cache: DeviceKvStore): Promise<Replay | undefined> {
    if (!this.isOn || !isFixed || cache.lanes > 1) return undefined
    const key = JSON.stringify([slots, [...inputs, ...outputs].map(({ dims }) => dims)])
    let known = this.#recordings.get(cache.place)
    if (!known) this.#recordings.set(cache.place, (known = new Map()))
    const replay = known.get(key)
    if (replay || this.captured >= MOST_RECORDINGS) return replay
    const made = this.#replayOf(await this.#shapeOf(key, inputs, outputs))
    known.set(key, made)
    return made
  }

  dispose(): void {
    for (const options of this.#options) this.#api.release('ReleaseRunOptions', options)
    for (const { inputs, outputs } of this.#shapes.values()) {
      for (const value of [...inputs.values, ...outputs.values]) this.#memory.release(value)
      this.#memory.free(inputs.block)
    }
    for (const block of this.#outputs.values()) this.#memory.free(block)
  }

  #replayOf({ inputs, outputs, staged }: Shape): Replay {
    const memory = this.#memory
    return {
      options: this.#optionsOf(String(this.#options.length)),
      inputs: inputs.values,
      outputs: outputs.values,
      async send(tensors) {
        tensors.forEach(({ data }, i) => staged.set(bytesOf(data), inputs.offsets[i]))
        await memory.copy([{ from: memory.hostPlace(staged, 0), to: inputs.block, bytes: staged.length }])
      },
      async fetch(tensors) {
        const copies = tensors.map(({ data }, i) => ({
          from: { address: outputs.block.address + BigInt(outputs.offsets[i]) },
          to: memory.hostPlace(bytesOf(data), 0),
          bytes: data.byteLength,
        }))
        await memory.copy(copies)
      },
    }
  }

  async #shapeOf(key: string, inputs: readonly NamedTensor[], outputs: readonly NamedTensor[]): Promise<Shape> {
    const known = this.#shapes.get(key)
    if (known) return known
    const [read, written] = [offsetsOf(inputs), offsetsOf(outputs)]
    let block = this.#outputs.get(written.bytes)
    if (!block) this.#outputs.set(written.bytes, (block = await this.#memory.allocate(written.bytes)))
    const shape = {
      inputs: this.#placed(await this.#memory.allocate(read.bytes), inputs, read.offsets),
      outputs: this.#placed(block, outputs, written.offsets),
      staged: new Uint8Array(read.bytes),
    }
    this.#shapes.set(key, shape)
    return shape
  }

  #placed(block: Block, tensors: readonly NamedTensor[], offsets: readonly number[]): Placed {
    const values = BigUint64Array.from(tensors, ({ type, dims, data }, i) =>
      this.#memory.value({ address: block.address + BigInt(offsets[i]), bytes: data.byteLength }, type, dims),
    )
    return { block, offsets, values }
  }

  #optionsOf(id: string): Pointer {
    const options = this.#api.create('CreateRunOptions', [])
    this.#options.push(options)
    this.#api.call('AddRunConfigEntry', options, GRAPH_ID, id)
    return options
  }
}

/** Where tensors begin that lie one after another, and their bytes together. */
function offsetsOf(tensors: readonly NamedTensor[]): { offsets: number[]; bytes: number } {
  let bytes = 0
  const offsets = tensors.map(({ data }) => {
    const begin = bytes
    bytes += Math.ceil(data.byteLength / ALIGNMENT) * ALIGNMENT
    return begin
  })
  return { offsets, bytes }
}

function bytesOf({ buffer, byteOffset, byteLength }: NamedTensor['data']): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
