/**
 * The layers of a model in the order that a pass needs them, round and round: some stay in memory, the others are read
 * into a few buffers, ahead of the pass and on into the next one, so that the disk is busy while layers compute. One
 * reader at a time takes a layer and gives it back.
 */
import type { ModelError } from '../../spec/errors.js'
import type { StreamedLayout } from './layout.js'
import { fastestPattern, type ReadPattern } from './read-pattern.js'
import { verifyBytes, type WatchedFile } from './watched-file.js'

/** Layers that are read or computed at a time: one computes, one is there, one is being read. */
export const BUFFERS = 3

/**
 * Which layers stay in memory when `count` of them may: evenly spread, so that the disk has the time of a resident
 * layer to catch up.
 */
export function residentLayers(layers: number, count: number): Set<number> {
  return new Set(Array.from({ length: count }, (_, i) => Math.floor((i * layers) / count)))
}

export interface LayerStreamOptions {
  file: WatchedFile
  layout: StreamedLayout
  residents: ReadonlySet<number>
  /** Layers that are kept elsewhere, which nobody takes from here; none if left out. */
  elsewhere?: ReadonlySet<number>
  /**
   * Page-aligned memory, of one layer's bytes each: one for each resident layer and `BUFFERS` more (fewer where fewer
   * layers stream).
   */
  memory: readonly Uint8Array[]
}

/** Counts since the start. */
export interface StreamCounts {
  bytesRead: number
  /** Milliseconds with a read under way, and milliseconds that passes waited for one. */
  readMs: number
  waitMs: number
}

/** A layer on its way into a buffer. */
interface Filling {
  layer: number
  memory: Uint8Array
  /** Bytes that reads were begun for, and reads under way. */
  begun: number
  pending: number
  failure: ModelError | null
  done: Promise<void>
  settle(): void
}

export class LayerStream {
  readonly counts: StreamCounts = { bytesRead: 0, readMs: 0, waitMs: 0 }
  /** Those that it gives, ascending. */
  readonly layers: readonly number[]
  readonly #file: WatchedFile
  readonly #layout: StreamedLayout
  readonly #residents = new Map<number, Uint8Array>()
  /** Layers that stream, in order. */
  readonly #streamed: number[]
  readonly #free: Uint8Array[]
  /** Layers there or on their way, in order. */
  #queue: Filling[] = []
  /** Place in `#streamed` of the next one to begin. */
  #next = 0
  /** Layers whose bytes were compared with the checksum. */
  readonly #verified = new Set<number>()
  #pattern: ReadPattern = { bytes: 0, atOnce: 0 }
  #reading = 0
  #busySince = 0
  #isStopped = false

  private constructor({ file, layout, residents, elsewhere, memory }: LayerStreamOptions) {
    this.#file = file
    this.#layout = layout
    this.layers = layout.layers.map((_, layer) => layer).filter((layer) => !elsewhere?.has(layer))
    this.#streamed = this.layers.filter((layer) => !residents.has(layer))
    ;[...residents].forEach((layer, i) => this.#residents.set(layer, memory[i]))
    this.#free = memory.slice(residents.size)
  }

  /**
   * Reads what stays in memory, finds how the rest is read fastest, and begins with it. Throws `ModelError` where the
   * file is not what import wrote.
   */
  static async open(options: LayerStreamOptions): Promise<LayerStream> {
    const stream = new LayerStream(options)
    for (const [layer, memory] of stream.#residents) {
      await options.file.read(memory, options.layout.layers[layer].offset)
      await stream.#verify(layer, memory)
    }
    if (stream.#streamed.length > 0) stream.#pattern = await fastestPattern(options.file, options.layout, stream.#free)
    stream.#pump()
    return stream
  }

  /**
   * The bytes of a layer, once they are there; layers are taken in ascending order, over and over. Throws `ModelError`
   * for what cannot be read as import wrote it.
   */
  async take(layer: number): Promise<Uint8Array> {
    const resident = this.#residents.get(layer)
    if (resident) return resident
    const filling = this.#queue[0]
    const started = performance.now()
    await filling.done
    this.counts.waitMs += performance.now() - started
    if (filling.failure) throw filling.failure
    if (!this.#verified.has(layer)) await this.#verify(layer, filling.memory)
    return filling.memory
  }

  /** Gives the layer back that was taken last; its memory is read into next. */
  giveBack(layer: number): void {
    if (this.#residents.has(layer)) return
    this.#free.push(this.#queue.shift()!.memory)
    this.#pump()
  }

  /** After `stop`: begins anew with the first layer, and compares every layer with its checksum again. */
  restart(): void {
    this.#verified.clear()
    this.#isStopped = false
    this.#pump()
  }

  /** Resolves when no read is under way any more; none begins after. */
  async stop(): Promise<void> {
    this.#isStopped = true
    const left = this.#queue
    // What was never begun to its end settles here.
    for (const filling of left) if (filling.pending === 0) filling.settle()
    await Promise.all(left.map(({ done }) => done))
    this.#free.push(...left.map(({ memory }) => memory))
    this.#queue = []
    this.#next = 0
  }

  /** Begins as many reads as may be under way. */
  #pump(): void {
    while (!this.#isStopped && this.#reading < this.#pattern.atOnce) {
      const filling =
        this.#queue.find(({ begun, failure }) => begun < this.#layout.layerBytes && !failure) ?? this.#begin()
      if (!filling) return
      void this.#readPiece(filling)
    }
  }

  async #verify(layer: number, memory: Uint8Array): Promise<void> {
    await verifyBytes(memory, this.#layout.layers[layer].crc32, `the weights of layer ${layer}`, this.#file.path)
    this.#verified.add(layer)
  }

  #begin(): Filling | undefined {
    const memory = this.#streamed.length > 0 ? this.#free.pop() : undefined
    if (!memory) return undefined
    const layer = this.#streamed[this.#next]
    this.#next = (this.#next + 1) % this.#streamed.length
    let settle = (): void => {}
    const done = new Promise<void>((resolve) => (settle = resolve))
    const filling = { layer, memory, begun: 0, pending: 0, failure: null, done, settle }
    this.#queue.push(filling)
    return filling
  }

  async #readPiece(filling: Filling): Promise<void> {
    const { layerBytes, layers } = this.#layout
    const from = filling.begun
    filling.begun = Math.min(layerBytes, from + this.#pattern.bytes)
    filling.pending += 1
    if (this.#reading++ === 0) this.#busySince = performance.now()
    try {
      await this.#file.read(filling.memory.subarray(from, filling.begun), layers[filling.layer].offset + from)
      this.counts.bytesRead += filling.begun - from
    } catch (error) {
      filling.failure ??= error as ModelError
    }
    filling.pending -= 1
    if (--this.#reading === 0) this.counts.readMs += performance.now() - this.#busySince
    if (filling.pending === 0 && (filling.begun === layerBytes || filling.failure || this.#isStopped)) filling.settle()
    this.#pump()
  }
}
