/**
 * A backend of two graphs of the same weights: one for texts up to a length, and a slower one, kept to more digits,
 * that serves longer texts as well. The first pass that goes beyond opens the second in place of the first, since
 * sessions do not share their packed weights; it stays, for a long text has many more passes. Rows before that length
 * get the same bits from either.
 */
import type { Backend, BackendTraits, Pass, RuntimeKind } from './backend.js'
import type { CacheSize, KvShape, KvStore } from './kv/store.js'

export class ContextBackend implements Backend {
  readonly kind: RuntimeKind
  readonly traits: BackendTraits
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  readonly #from: bigint
  readonly #openLong: () => Promise<Backend>
  /** Null while neither is open: the second could not be opened, and is tried again by the next pass. */
  #backend: Backend | null
  #isLong = false
  /** Of the first backend: its stores serve the second as well, which is of the same kind. */
  readonly #newCache: Backend['newCache']

  /** Takes over `backend`; `openLong` opens the graph for passes with a row at position `from` or beyond. */
  constructor(backend: Backend, from: number, openLong: () => Promise<Backend>) {
    this.kind = backend.kind
    this.traits = backend.traits
    this.#newCache = (shape, size) => backend.newCache(shape, size)
    this.inputNames = backend.inputNames
    this.outputNames = backend.outputNames
    this.#from = BigInt(from)
    this.#openLong = openLong
    this.#backend = backend
  }

  async run(pass: Pass): Promise<void> {
    if (!this.#isLong && this.#reachesFar(pass)) {
      this.#isLong = true
      await this.#backend?.dispose()
      this.#backend = null
    }
    this.#backend ??= await this.#openLong()
    await this.#backend.run(pass)
  }

  newCache(shape: KvShape, size: CacheSize): KvStore {
    return this.#newCache(shape, size)
  }

  async dispose(): Promise<void> {
    await this.#backend?.dispose()
  }

  #reachesFar({ inputs }: Pass): boolean {
    const positions = inputs.find(({ name }) => name === 'position_ids')!.data as BigInt64Array
    return positions.some((position) => position >= this.#from)
  }
}
