/** A session and the values it is run with; which of those given by name its graph wants, is its own word. */
import type { OrtApi, Pointer } from '../binding/api.js'
import type { Session } from '../binding/session.js'
import { BoundValue, NameTable } from '../binding/ort-values.js'
import type { KvValues } from '../kv/store.js'
import type { NamedTensor } from '../tensor.js'

/** OrtValues of a layer that are there already: its weights, in the order of their names, and its K/V rows. */
export interface LayerValues {
  weights: BigUint64Array
  cache: KvValues<Pointer>
}

export class Call {
  readonly #api: OrtApi
  readonly #session: Session
  readonly #bound = new Map<string, BoundValue>()
  /** Inputs without those of `LayerValues`, which come last: weights, then K and V. */
  readonly #inputNames: string[]
  readonly #inputTable: NameTable
  readonly #inputs: BigUint64Array
  /** By number of outputs: their names and values; K and V come last. */
  readonly #outputs = new Map<number, { table: NameTable; values: BigUint64Array }>()

  /** `weightNames`: of a layer's graph, which has K and V beside; null for a graph without either. */
  constructor(api: OrtApi, session: Session, weightNames: readonly string[] | null) {
    const given = weightNames ? [...weightNames, 'k_cache', 'v_cache'] : []
    this.#api = api
    this.#session = session
    this.#inputNames = session.inputNames.filter((name) => !given.includes(name))
    this.#inputTable = new NameTable(api, [...this.#inputNames, ...given])
    this.#inputs = new BigUint64Array(session.inputNames.length)
  }

  /** All memory stays untouched until the run ends; one run at a time. */
  async run(inputs: readonly NamedTensor[], outputs: readonly NamedTensor[], layer?: LayerValues): Promise<void> {
    this.#inputNames.forEach(
      (name, i) => (this.#inputs[i] = this.#bind(inputs.find((tensor) => tensor.name === name)!)),
    )
    const { table, values } = this.#outputsFor(outputs, layer ? ['k_cache_out', 'v_cache_out'] : [])
    outputs.forEach((tensor, i) => (values[i] = this.#bind(tensor)))
    if (layer) {
      const { weights, cache } = layer
      this.#inputs.set(weights, this.#inputNames.length)
      this.#inputs.set([cache.k, cache.v], this.#inputNames.length + weights.length)
      values.set([cache.k, cache.v], outputs.length)
    }
    await this.#session.run(this.#inputTable, this.#inputs, table, values)
  }

  dispose(): void {
    for (const bound of this.#bound.values()) bound.dispose()
    this.#session.dispose()
  }

  #outputsFor(
    outputs: readonly NamedTensor[],
    cacheNames: readonly string[],
  ): { table: NameTable; values: BigUint64Array } {
    const known = this.#outputs.get(outputs.length)
    if (known) return known
    const names = [...outputs.map(({ name }) => name), ...cacheNames]
    const made = { table: new NameTable(this.#api, names), values: new BigUint64Array(names.length) }
    this.#outputs.set(outputs.length, made)
    return made
  }

  #bind({ name, type, data, dims }: NamedTensor): Pointer {
    let bound = this.#bound.get(name)
    if (!bound) this.#bound.set(name, (bound = new BoundValue(this.#api, type)))
    return bound.bind(data, dims)
  }
}
