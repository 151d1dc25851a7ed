/** A session and the values it is run with; which of those given by name the graph wants, is its own word. */
import type { OrtApi, Pointer } from '../binding/api.js'
import type { Session } from '../binding/session.js'
import { BoundValue, NameTable } from '../binding/values.js'
import type { NamedTensor } from '../tensor.js'

export class Call {
  readonly #api: OrtApi
  readonly #session: Session
  readonly #bound = new Map<string, BoundValue>()
  /** Inputs without the weights, which come last. */
  readonly #inputNames: string[]
  readonly #inputTable: NameTable
  readonly #inputs: BigUint64Array
  /** Number of outputs: their names and values. */
  readonly #outputs = new Map<number, { table: NameTable; values: BigUint64Array }>()

  /** `weightNames`: the inputs that `run` gets as values. */
  constructor(api: OrtApi, session: Session, weightNames: readonly string[]) {
    this.#api = api
    this.#session = session
    this.#inputNames = session.inputNames.filter((name) => !weightNames.includes(name))
    this.#inputTable = new NameTable(api, [...this.#inputNames, ...weightNames])
    this.#inputs = new BigUint64Array(session.inputNames.length)
  }

  /**
   * `weights`: OrtValues in the order of their names. All memory stays untouched until the run ends; one run at a time.
   */
  async run(inputs: readonly NamedTensor[], outputs: readonly NamedTensor[], weights?: BigUint64Array): Promise<void> {
    this.#inputNames.forEach(
      (name, i) => (this.#inputs[i] = this.#bind(inputs.find((tensor) => tensor.name === name)!)),
    )
    if (weights) this.#inputs.set(weights, this.#inputNames.length)
    const { table, values } = this.#outputsFor(outputs)
    outputs.forEach((tensor, i) => (values[i] = this.#bind(tensor)))
    await this.#session.run(this.#inputTable, this.#inputs, table, values)
  }

  /** Lets go of all memory that runs were given. */
  release(): void {
    for (const bound of this.#bound.values()) bound.dispose()
  }

  dispose(): void {
    this.release()
    this.#session.dispose()
  }

  #outputsFor(outputs: readonly NamedTensor[]): { table: NameTable; values: BigUint64Array } {
    const known = this.#outputs.get(outputs.length)
    if (known) return known
    const made = {
      table: new NameTable(
        this.#api,
        outputs.map(({ name }) => name),
      ),
      values: new BigUint64Array(outputs.length),
    }
    this.#outputs.set(outputs.length, made)
    return made
  }

  #bind({ name, type, data, dims }: NamedTensor): Pointer {
    let bound = this.#bound.get(name)
    if (!bound) this.#bound.set(name, (bound = new BoundValue(this.#api, type)))
    return bound.bind(data, dims)
  }
}
