/**
 * Passes of certain numbers of rows alone, so that all go through the same kernels: what a shorter one lacks are copies
 * of its last row, which nobody reads.
 */
import type { BackendTraits, Replays, RuntimeKind, WeightSource } from './backend.js'
import type { Forward, ForwardInfo, ForwardInput, ForwardOutput } from './forward.js'
import type { KvStore } from './kv/store.js'

/** The same model, whose passes and heads all have `least` rows or more; itself where that is 1. */
export function withLeastRows(forward: Forward, least: number): Forward {
  return least === 1 ? forward : new FilledForward(forward, (count) => (count === 0 ? 0 : Math.max(count, least)))
}

/**
 * The same model, whose passes and heads all have one of these numbers of rows, the least that does. A pass that wants
 * no logits gets some as well: every pass of a width is then the same work. One of which all rows' logits are wanted is
 * of a fixed shape.
 */
export function withWidths(forward: Forward, widths: readonly number[]): Forward {
  return new FilledForward(forward, (count) => widths.find((width) => width >= count) ?? count, widths)
}

class FilledForward implements Forward {
  readonly kind: RuntimeKind
  readonly traits: BackendTraits
  readonly info: ForwardInfo
  readonly cache: KvStore
  readonly source: WeightSource | null
  readonly replays: Replays | null
  readonly #forward: Forward
  /** Rows that are computed for so many. */
  readonly #filled: (count: number) => number
  readonly #fixed: readonly number[]
  #logits = new Float32Array(0)
  #hidden = new Float32Array(0)

  /** `fixed`: numbers of rows that come again and again. */
  constructor(forward: Forward, filled: (count: number) => number, fixed: readonly number[] = []) {
    this.#forward = forward
    this.#filled = filled
    this.#fixed = fixed
    this.kind = forward.kind
    this.traits = forward.traits
    this.info = forward.info
    this.cache = forward.cache
    this.source = forward.source
    this.replays = forward.replays
  }

  async run(input: ForwardInput, output: ForwardOutput): Promise<void> {
    const { tokens, logitRows } = input
    const [rows, wanted] = [this.#filled(tokens.length), this.#filled(logitRows.length)]
    const [lacksRows, lacksLogits] = [rows > tokens.length, wanted > logitRows.length]
    const isFixed = rows === wanted && this.#fixed.includes(rows)
    if (!lacksRows && !lacksLogits) return this.#forward.run(isFixed ? { ...input, isFixed } : input, output)
    const { vocab, features } = this.info
    const some = logitRows.length === 0 ? Int32Array.of(0) : logitRows
    const filled: ForwardInput = {
      ...input,
      ...(lacksRows ? this.#fillRows(input, rows) : {}),
      logitRows: lacksLogits ? repeatLast(some, 1, wanted) : logitRows,
      isFixed,
    }
    const logits = lacksLogits ? (this.#logits = sized(this.#logits, wanted * vocab)) : output.logits
    const hidden =
      lacksRows && output.hidden ? (this.#hidden = sized(this.#hidden, rows * features.written)) : output.hidden
    await this.#forward.run(filled, { logits, hidden })
    if (lacksLogits) output.logits.set(logits.subarray(0, logitRows.length * vocab))
    if (lacksRows && output.hidden) output.hidden.set(hidden!.subarray(0, tokens.length * features.written))
  }

  withCache(): Forward {
    return new FilledForward(this.#forward.withCache(), this.#filled, this.#fixed)
  }

  dispose(): Promise<void> {
    return this.#forward.dispose()
  }

  /** A copy writes the same K/V to the same slot as its row does. */
  #fillRows(
    { tokens, positions, slots, lanes, mask, liveSlots, features }: ForwardInput,
    rows: number,
  ): Partial<ForwardInput> {
    const fill = <T extends Int32Array | Uint8Array | Float32Array>(values: T, width = 1): T =>
      repeatLast(values, width, rows)
    const read = this.info.features.read
    return {
      tokens: fill(tokens),
      positions: fill(positions),
      slots: fill(slots),
      lanes: fill(lanes),
      mask: fill(mask, liveSlots),
      ...(features && { features: fill(features, read) }),
    }
  }
}

/** [rows, width] with its last row repeated until there are `least`. */
function repeatLast<T extends Int32Array | Uint8Array | Float32Array>(values: T, width: number, least: number): T {
  const filled = new (values.constructor as new (length: number) => T)(least * width)
  filled.set(values)
  const last = values.subarray(values.length - width)
  for (let at = values.length; at < filled.length; at += width) filled.set(last, at)
  return filled
}

function sized(array: Float32Array, length: number): Float32Array<ArrayBuffer> {
  return array.length === length ? (array as Float32Array<ArrayBuffer>) : new Float32Array(length)
}
