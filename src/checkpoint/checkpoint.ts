/**
 * A checkpoint as the graph writer sees it: a spec, a tokenizer, and tensors read one at a time.
 * Readers (GGUF, safetensors) hide their file format behind this.
 */
import type { TokenizerFiles } from '../spec/manifest.js'
import type { ModelSpec } from '../spec/model-spec.js'

/**
 * Tensor names are Hugging Face's Llama names: `model.embed_tokens.weight` [vocab, hidden],
 * `model.layers.N.self_attn.{q,k,v,o}_proj.weight` [out, in], `model.layers.N.mlp.{gate,up,down}_proj.weight` [out,
 * in], `model.layers.N.input_layernorm.weight` [hidden], `model.layers.N.post_attention_layernorm.weight` [hidden],
 * `model.norm.weight` [hidden], `lm_head.weight` [vocab, hidden] (absent when tied). q and k rows are in half-split
 * RoPE order (a GGUF reader un-permutes them).
 */
export interface Checkpoint {
  readonly name: string
  /** File or folder it was read from. */
  readonly path: string
  /** SHA-256 of the source (the file; for a folder, over its files in name order), hex. */
  readonly sha256: string
  readonly spec: ModelSpec
  readonly tokenizer: TokenizerFiles
  readonly chatTemplate: string | null
  readonly stopTokens: number[]
  readonly bosToken: number | null
  readonly license: string | null
  /** Extra metadata of ours, e.g. `sequoia.acceptance` in a GGUF of the micro pair. */
  readonly metadata: Record<string, unknown>
  has(name: string): boolean
  /** Dimensions, outermost first. Throws `ModelError` naming the tensor when it is absent. */
  shape(name: string): number[]
  /** Reads and dequantizes one tensor to float32, row-major. */
  read(name: string): Promise<Float32Array>
  close(): Promise<void>
}
