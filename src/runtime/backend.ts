/** What a runtime has to do: run an open graph once over given memory. Everything else is `GraphForward`'s. */
import type { RuntimeKind } from './forward.js'
import type { KvCache } from './kv-cache.js'
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
  /** The cache's buffers are about to be replaced: let go of them. */
  releaseCache(): void
  dispose(): Promise<void>
}
