/** A checkpoint put together: what the model is, its tensors read one at a time, its tokenizer and chat template. */
import type { TokenizerFiles } from '../spec/manifest.js'
import type { ModelSpec } from '../spec/model-spec.js'
import type { SamplingDefaults } from '../spec/sampling-defaults.js'

/**
 * Tensors go by canonical names (`architectures/canonical.ts`) whatever the family and file. Matrices are [out, in]; q
 * and k rows are in half-split RoPE order; norm weights are what the normalized values are multiplied by.
 */
export interface Checkpoint {
  readonly name: string
  /** File or folder it was read from. */
  readonly path: string
  /** SHA-256 of the source (the file; for a folder, over its files in name order), hex. */
  readonly sha256: string
  readonly spec: ModelSpec
  /** Null or left out: `spec` holds for any text; else for those of at most so many tokens, which were asked for. */
  readonly within?: number | null
  readonly tokenizer: TokenizerFiles
  readonly chatTemplate: string | null
  readonly stopTokens: number[]
  readonly bosToken: number | null
  /** How its makers would have tokens chosen. */
  readonly sampling: SamplingDefaults
  readonly license: string | null
  /** Token that stands for one not written yet, in drafts that guess several tokens in one pass (PARD). */
  readonly standIn?: number
  /** Extra metadata of ours, e.g. `sequoia.acceptance` in a GGUF of the micro pair. */
  readonly metadata: Record<string, unknown>
  has(name: string): boolean
  /** Dimensions, outermost first. Throws `ModelError` naming the tensor when it is absent. */
  shape(name: string): number[]
  /** Reads and dequantizes one tensor to float32, row-major. */
  read(name: string): Promise<Float32Array>
  close(): Promise<void>
}
