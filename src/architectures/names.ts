/** What files call canonical tensors: tables that families share, and ways to name all tensors of a spec by one. */
import type { RowOrder } from '../checkpoint/stored-tensor.js'
import type { ModelSpec } from '../spec/model-spec.js'
import type { TensorSpec } from './architecture.js'
import { canonicalTensors } from './canonical.js'
import type { FileKind } from './config-reader.js'

/** From a canonical name, without `model.layers.N.` and without `.weight` or `.bias`, to the file's. */
export type NameTable = Readonly<Record<string, string>>

const GGUF: NameTable = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
  input_layernorm: 'attn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  after_attention_norm: 'post_attention_norm',
  post_attention_layernorm: 'ffn_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
  after_mlp_norm: 'post_ffw_norm',
}

/**
 * The tensors of a spec under the names of its files; `huggingFace` lists those that are not the canonical ones, `gguf`
 * those that are not llama.cpp's usual ones. Tensors that a file calls alike lie in it as one, row below row in
 * canonical order.
 */
export function namedTensors(
  spec: ModelSpec,
  from: FileKind,
  huggingFace: NameTable = {},
  gguf: NameTable = {},
): TensorSpec[] {
  const table = from === 'gguf' ? { ...GGUF, ...gguf } : huggingFace
  const tensors: TensorSpec[] = canonicalTensors(spec).map(({ name, shape }) => ({
    name,
    shape,
    fileName: fileName(name, from, table),
  }))
  const parts = new Map<string, TensorSpec[]>()
  for (const tensor of tensors) parts.set(tensor.fileName, [...(parts.get(tensor.fileName) ?? []), tensor])
  return tensors.map((tensor) => {
    const stacked = parts.get(tensor.fileName)!
    if (stacked.length === 1) return tensor
    const rows = (some: readonly TensorSpec[]): number => some.reduce((sum, { shape }) => sum + shape[0], 0)
    return { ...tensor, within: { firstRow: rows(stacked.slice(0, stacked.indexOf(tensor))), rows: rows(stacked) } }
  })
}

function fileName(name: string, from: FileKind, table: NameTable): string {
  const [, layer, part, kind] = /^(?:model\.layers\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(name)!
  const prefix = layer === undefined ? '' : from === 'gguf' ? `blk.${layer}.` : `model.layers.${layer}.`
  return `${prefix}${table[part] ?? part}.${kind}`
}

/** For families whose GGUF files keep q and k for a rotation of neighbours: the tensors with rows put back. */
export function withPairsApart(spec: ModelSpec, tensors: readonly TensorSpec[]): TensorSpec[] {
  const [{ attention }] = spec.layers
  const order = pairsApart(attention.headDim)
  return tensors.map((tensor) => (/\.self_attn\.[qk]_proj\./.test(tensor.name) ? { ...tensor, order } : tensor))
}

/** Rows of a head as (0, d/2, 1, d/2 + 1, ...), for a rotation of neighbours, to pairs of value j and value j + d/2. */
function pairsApart(headDim: number): RowOrder {
  return (row) => {
    const inHead = row % headDim
    return row - inHead + (inHead & 1) * (headDim / 2) + (inHead >> 1)
  }
}
