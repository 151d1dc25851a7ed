/** A store that is touched between passes only: `inTurn` refuses every call that comes during one. */
import type { KvShape, KvStore, KvValues, RowsOfLane } from './store.js'

/** Does the work `what` while nothing else runs. Rejects where something does. */
export type InTurn = <T>(what: string, work: () => Promise<T>) => Promise<T>

export class IdleStore implements KvStore {
  readonly #store: KvStore
  readonly #inTurn: InTurn
  /** Throws where so many lanes cannot be served. */
  readonly #requireLanes: (lanes: number) => void

  constructor(store: KvStore, inTurn: InTurn, requireLanes: (lanes: number) => void) {
    this.#store = store
    this.#inTurn = inTurn
    this.#requireLanes = requireLanes
  }

  get shape(): KvShape {
    return this.#store.shape
  }

  get capacity(): number {
    return this.#store.capacity
  }

  get lanes(): number {
    return this.#store.lanes
  }

  get isByLane(): boolean {
    return this.#store.isByLane
  }

  shownSlots(live: number): number {
    return this.#store.shownSlots(live)
  }

  bind(layer: number, slots: number): KvValues<unknown> {
    return this.#store.bind(layer, slots)
  }

  resize(lanesFrom: readonly number[], slots: number): Promise<void> {
    return this.#inTurn('resize', async () => {
      this.#requireLanes(lanesFrom.length)
      await this.#store.resize(lanesFrom, slots)
    })
  }

  read(at: RowsOfLane): Promise<Uint8Array> {
    return this.#inTurn('read', () => this.#store.read(at))
  }

  write(at: RowsOfLane, bytes: Uint8Array): Promise<void> {
    return this.#inTurn('write', () => this.#store.write(at, bytes))
  }

  copyFrom(source: KvStore, from: RowsOfLane, to: RowsOfLane): Promise<void> {
    const own = source instanceof IdleStore ? source.#store : source
    return this.#inTurn('copyFrom', () => this.#store.copyFrom(own, from, to))
  }

  dispose(): void {
    this.#store.dispose()
  }
}
