/**
 * `Forward`: one pass of a model over rows. A row is one token at one position of one sequence, whose K/V go to
 * one cache slot; which slots a row sees is the mask's word alone. Chains, trees, prompt chunks and several
 * sequences at once are all the same call.
 */

import type { RowsOfLane } from './kv/kv-cache.js'
import type { StreamCounts } from './streamed/layer-stream.js'

/** What a pass reads. n = rows, S = `liveSlots`, m = rows whose logits are wanted. */
export interface ForwardInput {
  /** [n] token ids. */
  tokens: Int32Array
  /** [n] absolute positions, for RoPE. */
  positions: Int32Array
  /** [n] cache slot (0 .. S-1) that each row's K/V are written to, within its own sequence. */
  slots: Int32Array
  /** [n] sequence lane (0 .. lanes-1) of each row; rows of one lane are contiguous and lanes ascend. */
  lanes: Int32Array
  /** S: one more than the highest slot any row writes or sees. */
  liveSlots: number
  /** [n, S] 1 where the row sees that slot of its own sequence; a row sees its own slot. */
  mask: Uint8Array
  /** [m] row indices whose logits are wanted; m may be 0 (prompt chunks). */
  logitRows: Int32Array
  /**
   * [n, hidden] float32, row-major: what a feature drafter reads beside the tokens; for graphs with that input only.
   */
  features?: Float32Array
}

/** Where a pass writes. Both may be views over WebAssembly memory. */
export interface ForwardOutput {
  /** [m, vocab] float32, row-major. */
  logits: Float32Array
  /** [n, hidden] float32 after the final norm; only when the graph was opened with `hidden: true`. */
  hidden?: Float32Array
}

/** Shape of the model behind a pass. */
export interface ForwardInfo {
  vocab: number
  hidden: number
  layers: number
  kvHeads: number
  headDim: number
  /** Bytes of K and V that one token of one sequence takes, over all layers. */
  kvBytesPerToken: number
}

/** How passes are run: through the C API, through the JavaScript API, or layer by layer with weights from disk. */
export type RuntimeKind = 'binding' | 'portable' | 'streamed'

/**
 * One open model: its session, its K/V cache for `lanes` sequences, and the pass. One pass at a time, over any of its
 * caches.
 */
export interface Forward {
  readonly kind: RuntimeKind
  readonly info: ForwardInfo
  /** Whether passes read features beside tokens. */
  readonly readsFeatures: boolean
  /** Slots per sequence that the cache holds now. */
  readonly capacity: number
  readonly lanes: number
  /**
   * Grows the cache (keeping its rows) to hold at least this many slots per sequence and lanes. Never between `run` and
   * its end.
   */
  reserve(slots: number, lanes?: number): void
  /**
   * Makes lane i hold what lane `from[i]` held (-1: nothing that matters), for `from.length` lanes in all. Never
   * between `run` and its end.
   */
  arrange(from: readonly number[]): void
  /** Runs one pass. Throws `RuntimeError`; then no row of this pass counts as written. */
  run(input: ForwardInput, output: ForwardOutput): Promise<void>
  /** What was read of weights that are streamed; null where all are in memory. */
  readonly reads: StreamCounts | null
  /** Why passes fail and will go on to: the files of streamed weights are damaged or gone. */
  readonly failure: Error | null
  /** Looks whether a failure has been put right; returns what is left of it. Never between `run` and its end. */
  recover(): Promise<Error | null>
  /** The K/V rows of these slots as bytes, to be put back by `writeRows`. Never between `run` and its end. */
  readRows(lane: number, slots: Int32Array): Uint8Array
  writeRows(lane: number, slots: Int32Array, bytes: Uint8Array): void
  /**
   * Copies K/V rows from this or another cache of the same model (`withCache`), one slot after another. Never between
   * `run` and its end.
   */
  copyRows(source: Forward, from: RowsOfLane, to: RowsOfLane): void
  /** Overwrites cache rows with a byte pattern (tests poison freed slots with NaN). */
  poison(lane: number, slots: Int32Array): void
  /**
   * The same model over a cache of its own: a pass costs what the lanes of its cache hold. Dispose of it before the one
   * it was made from.
   */
  withCache(): Forward
  dispose(): Promise<void>
}

export interface ForwardOptions {
  /** Intra-op threads; default: physical cores up to 8, measured choice left to calibration. */
  threads?: number
  /** First cache capacity in slots per sequence. */
  slots?: number
  lanes?: number
  /** Slots of all lanes together: the cache is made for so many and never takes more memory. In place of `slots`. */
  cells?: number
  runtime?: 'auto' | 'binding' | 'portable'
}
