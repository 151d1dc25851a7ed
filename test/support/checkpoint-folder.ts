/** Writes Hugging Face checkpoint folders for tests, of the same tiny Llama as `tiny-llama.ts`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { counting, CHAT_TEMPLATE, MERGES, SPECIALS, TINY_TENSORS, tinyTokens, VOCAB } from './tiny-llama.js'

export type FloatType = 'F32' | 'F16' | 'BF16'

export interface ShardTensor {
  name: string
  dtype: string
  shape: readonly number[]
  data: Uint8Array
}

export const tinyConfig = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_act: 'silu',
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  rope_scaling: null,
  tie_word_embeddings: true,
  vocab_size: VOCAB,
  eos_token_id: 2,
}

export function tinyTokenizer(): Record<string, unknown> {
  return {
    added_tokens: SPECIALS.map((content, id) => ({ id, content, special: true })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Digits', individual_digits: true },
        { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      vocab: Object.fromEntries(tinyTokens().map((token, id) => [token, id])),
      merges: MERGES.map((merge) => merge.split(' ')),
    },
  }
}

/** Truncates to the type's own bytes; exact for values of few bits. */
export function encodeFloats(values: Float32Array, type: FloatType): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  if (type === 'F32') return bytes
  if (type === 'BF16') return bytes.filter((_, i) => i % 4 >= 2)
  const codes = Uint16Array.from(values, (value) => {
    if (value === 0) return 0
    const exponent = Math.floor(Math.log2(value))
    return ((exponent + 15) << 10) | Math.floor((value / 2 ** exponent - 1) * 1024)
  })
  return new Uint8Array(codes.buffer)
}

export function tinyTensors(type: FloatType): ShardTensor[] {
  return TINY_TENSORS.map(([, name, shape]) => ({
    name,
    dtype: type,
    shape,
    data: encodeFloats(counting(shape), type),
  }))
}

export function shardBytes(tensors: readonly ShardTensor[]): Buffer {
  let at = 0
  const places = tensors.map(
    ({ name, dtype, shape, data }) => [name, { dtype, shape, data_offsets: [at, (at += data.byteLength)] }] as const,
  )
  const header = Buffer.from(JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(places) }))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header, ...tensors.map((tensor) => tensor.data)])
}

/** Writes a folder that opens; `files` adds or replaces (an object becomes JSON, null leaves a file out). */
export function writeFolder(dir: string, files: Record<string, unknown> = {}): string {
  mkdirSync(dir, { recursive: true })
  const all: Record<string, unknown> = {
    'config.json': tinyConfig,
    'generation_config.json': { eos_token_id: [2] },
    'tokenizer.json': tinyTokenizer(),
    'tokenizer_config.json': { bos_token: '<|im_start|>', eos_token: '<|im_end|>', chat_template: CHAT_TEMPLATE },
    'model.safetensors': shardBytes(tinyTensors('F32')),
    ...files,
  }
  for (const [name, content] of Object.entries(all)) {
    if (content === null) continue
    writeFileSync(
      join(dir, name),
      typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content),
    )
  }
  return dir
}
