/**
 * `Forward`: one pass of a model over rows. A row is one token at one position of one sequence, whose K/V go to
 * one cache slot; which slots a row sees is the mask's word alone. Chains, trees, prompt chunks and several
 * sequences at once are all the same call.
 */

import type { BackendTraits, Replays, RuntimeKind, WeightSource } from './backend.js'
import type { Device } from './binding/device.js'
import type { KvShape, KvStore } from './kv/store.js'

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
  /** [lanes of the cache, S] position of the token in each slot that a row sees; for graphs with windows. */
  slotPositions?: Int32Array
  /** [m] row indices whose logits are wanted; m may be 0 (prompt chunks). */
  logitRows: Int32Array
  /** [n, features.read] float32, row-major: what a feature drafter reads beside the tokens; where that is not 0. */
  features?: Float32Array
  /** Whether passes of as many rows and logits come again and again, so that a device may replay them. */
  isFixed?: boolean
}

/** Where a pass writes. Both may be views over WebAssembly memory. */
export interface ForwardOutput {
  /** [m, vocab] float32, row-major. */
  logits: Float32Array
  /** [n, features.written] float32, what feature drafters of this model read; where that is not 0. */
  hidden?: Float32Array
}

/** Shape of the model behind a pass. */
export interface ForwardInfo {
  vocab: number
  /** Width of the stream between layers, and so of embeddings. */
  hidden: number
  /** Numbers a row that passes read as features and leave behind as such; 0: none. */
  features: { read: number; written: number }
  /** Whether some layers see a window, so that passes have to say the positions of slots. */
  hasWindows?: boolean
  kv: KvShape
}

/** One open model: its session, its K/V rows, and the pass. One pass at a time, over any of its caches. */
export interface Forward {
  /** For who reports it. */
  readonly kind: RuntimeKind
  readonly traits: BackendTraits
  readonly info: ForwardInfo
  /** Its calls reject while a pass runs, and a pass while one of them does. */
  readonly cache: KvStore
  /** Where weights are streamed; null where all are in memory. */
  readonly source: WeightSource | null
  /** Where passes are replayed; null where each is run afresh. */
  readonly replays: Replays | null
  /** Runs one pass. Throws `RuntimeError`; then no row of this pass counts as written. */
  run(input: ForwardInput, output: ForwardOutput): Promise<void>
  /**
   * The same model over a cache of its own: a pass costs what the lanes of its cache hold. Dispose of it before the one
   * it was made from.
   */
  withCache(): Forward
  dispose(): Promise<void>
}

export interface ForwardOptions {
  /** Intra-op threads; default: physical cores, up to 8. */
  threads?: number
  /** First cache capacity in slots per sequence. */
  slots?: number
  lanes?: number
  /** Slots of all lanes together: the cache is made for so many and never takes more memory. In place of `slots`. */
  cells?: number
  runtime?: 'auto' | 'binding' | 'portable'
  /** Where a graph for it computes; default: the CPU. */
  device?: Device
  /** Whether passes of fixed shapes are replayed, on a device that has graphs. */
  replays?: boolean
}
