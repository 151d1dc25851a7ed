/** What a runtime has to do: run an open graph once over given memory. Everything else is `GraphForward`'s. */
import type { CacheSize, KvShape, KvStore } from './kv/store.js'
import type { StreamCounts } from './streamed/layer-stream.js'
import type { NamedTensor } from './tensor.js'

/** How passes are run: through the C API, through the JavaScript API, or layer by layer with weights from disk. */
export type RuntimeKind = 'binding' | 'portable' | 'streamed'

/** What a backend is good at. Who plans passes asks this and nothing else of it. */
export interface BackendTraits {
  /**
   * Rows of prompts that a pass takes along with those that decode: each makes it longer. Infinity: a pass takes as
   * long whatever its rows, so as many as there is room for.
   */
  rowsPerPass: number
  /** Whether a pass of one row takes so long that large trees pay, and that measuring passes has to be brief. */
  isSlow: boolean
  /** Whether a pass of hundreds of rows takes little longer than one of one row, so that large trees may pay. */
  isWide: boolean
}

/** Weights in memory. */
export const IN_MEMORY: BackendTraits = { rowsPerPass: 32, isSlow: false, isWide: false }
/** Weights in the memory of a device that computes many rows at a time. */
export const ON_DEVICE: BackendTraits = { rowsPerPass: 64, isSlow: false, isWide: true }

/** One run of the graph. All memory stays referenced and untouched by the caller until the run ends. */
export interface Pass<Value = unknown> {
  inputs: readonly NamedTensor[]
  /** Logits, and hidden states where wanted. */
  outputs: readonly NamedTensor[]
  /** Made by this backend, or by one of its kind. Bound as inputs and outputs at once, `slots` of its rows. */
  cache: KvStore<Value>
  slots: number
  /** Whether passes of this very shape come again and again. */
  isFixed?: boolean
}

/** Passes of shapes that come again, which a device records once and then replays as a whole. */
export interface Replays {
  /** Whether they are; while it is false, every pass is run afresh. */
  isOn: boolean
  /** Shapes that are replayed so far. */
  readonly captured: number
}

/** Weights that are read again for every pass. */
export interface WeightSource {
  /** What was read so far. */
  readonly counts: StreamCounts
  /** Why passes fail and will go on to: the files are damaged or gone. Null: they do not. */
  readonly failure: Error | null
  /** Looks whether a failure has been put right; returns what is left of it. Never during a pass. */
  recover(): Promise<Error | null>
}

/** `Value`: what its stores bind. */
export interface Backend<Value = unknown> {
  /** For who reports it. */
  readonly kind: RuntimeKind
  readonly traits: BackendTraits
  /** Names in the graph. */
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  newCache(shape: KvShape, size: CacheSize): KvStore<Value>
  /** Throws `RuntimeError` with ONNX Runtime's words. */
  run(pass: Pass<Value>): Promise<void>
  /** Where weights are streamed. */
  readonly source?: WeightSource
  /** Where passes are replayed. */
  readonly replays?: Replays
  dispose(): Promise<void>
}
