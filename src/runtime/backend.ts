/** What a runtime has to do: run an open graph once over given memory. Everything else is `GraphForward`'s. */
import type { RuntimeKind } from './forward.js'
import type { KvCache } from './kv/kv-cache.js'
import type { StreamCounts } from './streamed/layer-stream.js'
import type { NamedTensor } from './tensor.js'

/** One run of the graph. All memory stays referenced and untouched by the caller until the run ends. */
export interface Pass {
  inputs: readonly NamedTensor[]
  /** Logits, and hidden states where wanted. */
  outputs: readonly NamedTensor[]
  /** Bound as inputs and outputs at once, `slots` of its rows. */
  cache: KvCache
  slots: number
}

export interface Backend {
  readonly kind: RuntimeKind
  /** Names in the graph. */
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  /** Throws `RuntimeError` with ONNX Runtime's words. */
  run(pass: Pass): Promise<void>
  /**
   * Streamed weights: what was read so far, why no pass succeeds (null: they do), and another look whether that has
   * been put right.
   */
  readonly reads?: StreamCounts
  readonly failure?: Error | null
  recover?(): Promise<Error | null>
  /** A cache's buffers are about to be replaced: let go of them. */
  releaseCache(cache: KvCache): void
  dispose(): Promise<void>
}
