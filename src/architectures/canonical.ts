/**
 * The tensors of a model under one set of names whatever family and file they come from: those of Hugging Face's Llama,
 * and names of ours for what a Llama lacks.
 */
import { linearsOf, type LayerSpec, type LinearSpec, type ModelSpec } from '../spec/model-spec.js'

export interface CanonicalTensor {
  name: string
  /** Outermost first. */
  shape: readonly number[]
}

/** The matrices that the parts of each linear layer are in a checkpoint, without `.weight` or `.bias`. */
export const MATRICES = {
  qkv: ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'],
  o: ['self_attn.o_proj'],
  gateUp: ['mlp.gate_proj', 'mlp.up_proj'],
  down: ['mlp.down_proj'],
} as const

/** What the norms of a layer are called. */
export const NORMS = {
  attention: 'input_layernorm',
  afterAttention: 'after_attention_norm',
  mlp: 'post_attention_layernorm',
  afterMlp: 'after_mlp_norm',
} as const

/** Every tensor that a spec asks for. Matrices are [out, in]; norms [width]; biases [out]. */
export function canonicalTensors(spec: ModelSpec): CanonicalTensor[] {
  const table = [spec.vocab, spec.hidden]
  return [
    { name: 'model.embed_tokens.weight', shape: table },
    { name: 'model.norm.weight', shape: [spec.hidden] },
    ...(spec.tied ? [] : [{ name: 'lm_head.weight', shape: table }]),
    ...spec.layers.flatMap((layer, i) =>
      layerTensors(layer).map(({ name, shape }) => ({ name: `model.layers.${i}.${name}`, shape })),
    ),
  ]
}

/** The tensors of one layer, by their names in it. */
export function layerTensors(layer: LayerSpec): CanonicalTensor[] {
  const { heads, kvHeads, headDim, qkNorm } = layer.attention
  const widths = qkNorm?.over === 'head' ? [headDim, headDim] : [heads * headDim, kvHeads * headDim]
  return [
    ...(Object.keys(NORMS) as (keyof typeof NORMS)[])
      .filter((place) => layer.norms[place] !== null)
      .map((place) => ({ name: `${NORMS[place]}.weight`, shape: [layer.hidden] })),
    ...linearsOf(layer).flatMap(partsOf),
    ...(qkNorm === null
      ? []
      : widths.map((width, i) => ({ name: `self_attn.${'qk'[i]}_norm.weight`, shape: [width] }))),
  ]
}

function partsOf({ role, inputs, parts, bias }: LinearSpec): CanonicalTensor[] {
  return MATRICES[role].flatMap((name, i) => [
    { name: `${name}.weight`, shape: [parts[i], inputs] },
    ...(bias ? [{ name: `${name}.bias`, shape: [parts[i]] }] : []),
  ])
}
