/** What one sequence brings to a pass, where the pass leaves what it asked for, and work that comes in passes. */
import type { SequenceCache } from './sequence-cache.js'

/** Runs parts of several sequences in one pass over its model. */
export interface PartRunner {
  readonly limits: {
    /** Of one pass. */
    readonly maxRows: number
  }
  /** Wanted logits land from row `firstLogitRow` on. Returns the [parts] places. */
  runParts(parts: readonly PassPart[], firstLogitRow: number): Promise<PassPlace[]>
}

/** n new rows, the last of the tree or chain that lies in `slots`; those before were brought to earlier passes. */
export interface PassPart {
  runner: PartRunner
  cache: SequenceCache
  /** [n] */
  tokens: Int32Array
  /** [n] */
  positions: Int32Array
  /** [t], t >= n: parents within the tree, -1 for what stands on the cache's committed tokens alone. */
  parents: Int32Array
  /** [t] */
  slots: Int32Array
  /** [m] which of the n rows' logits are wanted, ascending. */
  wanted: Int32Array
  /** [n, features.read] float32, for models that read features beside tokens. */
  features?: Float32Array
}

/** Where the rows of one part of a pass are found once it has run. */
export interface PassPlace {
  /** Row of the runner's logits that the first wanted one lies in; the others follow. They stay until all is done. */
  logitRow: number
  /** Row of the pass that the part's first one was, for `hiddenAt`; valid until the next pass. */
  row: number
}

/**
 * Work that yields the rows it needs a pass for, gets their place, and comes to a `T`. Null asks for no pass: the event
 * loop gets a turn, and the work goes on after it, with nothing.
 */
export type Passes<T> = Generator<PassPart | null, T, PassPlace>
