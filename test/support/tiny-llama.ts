/**
 * A Llama of one layer with a tokenizer of bytes and a few merges: hidden 8, 2 heads of 4, 1 K/V head, FFN 12. Weights
 * count upwards.
 */
import type { GgufFile, GgufTensorData } from './gguf-file.js'

export const SPECIALS = ['<|endoftext|>', '<|im_start|>', '<|im_end|>']
export const MERGES = ['h e', 'l l', 'he ll', 'hell o', 'Ġ hello', '- >', 'Ċ Ċ']

export const CHAT_TEMPLATE =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' " +
  "+ '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

/** The byte-level alphabet in GPT-2's order: printable bytes stand for themselves, the others for U+0100 and up. */
export function alphabet(): string[] {
  const printable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++))
}

/** Every token by id: specials, then bytes, then what the merges make. */
export function tinyTokens(): string[] {
  return [...SPECIALS, ...alphabet(), ...MERGES.map((merge) => merge.replace(' ', ''))]
}

export const VOCAB = SPECIALS.length + 256 + MERGES.length

/** Shapes outermost first, under GGUF's names and Hugging Face's. */
export const TINY_TENSORS: readonly [gguf: string, hf: string, shape: number[]][] = [
  ['token_embd.weight', 'model.embed_tokens.weight', [VOCAB, 8]],
  ['output_norm.weight', 'model.norm.weight', [8]],
  ['blk.0.attn_norm.weight', 'model.layers.0.input_layernorm.weight', [8]],
  ['blk.0.attn_q.weight', 'model.layers.0.self_attn.q_proj.weight', [8, 8]],
  ['blk.0.attn_k.weight', 'model.layers.0.self_attn.k_proj.weight', [4, 8]],
  ['blk.0.attn_v.weight', 'model.layers.0.self_attn.v_proj.weight', [4, 8]],
  ['blk.0.attn_output.weight', 'model.layers.0.self_attn.o_proj.weight', [8, 8]],
  ['blk.0.ffn_norm.weight', 'model.layers.0.post_attention_layernorm.weight', [8]],
  ['blk.0.ffn_gate.weight', 'model.layers.0.mlp.gate_proj.weight', [12, 8]],
  ['blk.0.ffn_up.weight', 'model.layers.0.mlp.up_proj.weight', [12, 8]],
  ['blk.0.ffn_down.weight', 'model.layers.0.mlp.down_proj.weight', [8, 12]],
]

/** 0, 1/8, 2/8, ...: exact in every float format for these sizes but bfloat16. */
export function counting(shape: readonly number[]): Float32Array {
  const size = shape.reduce((product, dim) => product * dim, 1)
  return Float32Array.from({ length: size }, (_, i) => (i % 256) / 8)
}

export const bytesOf = (values: Float32Array | Uint16Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

export function tinyLlamaTensors(): GgufTensorData[] {
  return TINY_TENSORS.map(([name, , shape]) => ({
    name,
    dims: [...shape].reverse(),
    type: 0,
    data: bytesOf(counting(shape)),
  }))
}

/** A GGUF file that opens. Pass metadata to add or replace. */
export function tinyLlama(metadata: GgufFile['metadata'] = {}): GgufFile {
  const tokens = tinyTokens()
  return {
    metadata: {
      'general.architecture': 'llama',
      'general.license': 'mit',
      'llama.block_count': 1,
      'llama.context_length': 64,
      'llama.embedding_length': 8,
      'llama.feed_forward_length': 12,
      'llama.attention.head_count': 2,
      'llama.attention.head_count_kv': 1,
      'llama.attention.layer_norm_rms_epsilon': { float: 1e-5 },
      'llama.rope.freq_base': { float: 10000 },
      'llama.rope.dimension_count': 4,
      'tokenizer.ggml.model': 'gpt2',
      'tokenizer.ggml.pre': 'smollm',
      'tokenizer.ggml.tokens': tokens,
      'tokenizer.ggml.token_type': tokens.map((_, id) => (id < SPECIALS.length ? 3 : 1)),
      'tokenizer.ggml.merges': MERGES,
      'tokenizer.ggml.bos_token_id': 1,
      'tokenizer.ggml.eos_token_id': 2,
      'tokenizer.ggml.add_bos_token': false,
      'tokenizer.chat_template': CHAT_TEMPLATE,
      ...metadata,
    },
    tensors: tinyLlamaTensors(),
  }
}
