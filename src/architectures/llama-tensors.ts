/** What tensors a Llama model has: the names and shapes that a configuration asks for, against those a file holds. */
import { ModelError } from '../spec/errors.js'
import { linearsOf, type ModelSpec } from '../spec/model-spec.js'

/** The shape each tensor of this configuration must have, outermost first, by Hugging Face's name. */
export function expectedShapes(spec: ModelSpec): Map<string, number[]> {
  const { hidden, vocab } = spec
  const shapes = new Map<string, number[]>([
    ['model.embed_tokens.weight', [vocab, hidden]],
    ['model.norm.weight', [hidden]],
  ])
  if (!spec.tied) shapes.set('lm_head.weight', [vocab, hidden])
  spec.layers.forEach((layer, i) => {
    const [qkv, o, gateUp, down] = linearsOf(layer)
    const [q, kv] = qkv.parts
    const set = (part: string, ...shape: number[]): unknown => shapes.set(`model.layers.${i}.${part}.weight`, shape)
    set('input_layernorm', hidden)
    set('self_attn.q_proj', q, hidden)
    set('self_attn.k_proj', kv, hidden)
    set('self_attn.v_proj', kv, hidden)
    set('self_attn.o_proj', o.outputs, o.inputs)
    set('post_attention_layernorm', hidden)
    set('mlp.gate_proj', gateUp.parts[0], hidden)
    set('mlp.up_proj', gateUp.parts[1], hidden)
    set('mlp.down_proj', down.outputs, down.inputs)
  })
  return shapes
}

/** A tensor under Hugging Face's name, and the name its own file has for it. */
export interface NamedTensor {
  name: string
  fileName: string
  shape: readonly number[]
}

/** Throws `ModelError` for a tensor that is missing, misshapen, or not part of a plain Llama model. */
export function checkTensors(path: string, spec: ModelSpec, tensors: readonly NamedTensor[]): void {
  const missing = expectedShapes(spec)
  for (const { name, fileName, shape } of tensors) {
    const expected = missing.get(name)
    if (!expected) {
      throw new ModelError(
        'model_invalid',
        path,
        `${path} has a tensor ${fileName}, which a Llama model of ${spec.layers.length} layers without biases does not have; this variant is not supported`,
      )
    }
    if (expected.join() !== shape.join()) {
      throw new ModelError(
        'model_invalid',
        path,
        `${path} has tensor ${fileName} as [${shape.join(', ')}] (outermost first); its configuration asks for [${expected.join(', ')}]`,
      )
    }
    missing.delete(name)
  }
  const [first] = missing.keys()
  if (first) {
    throw new ModelError(
      'model_invalid',
      path,
      `${path} lacks ${missing.size} of the tensors its configuration asks for, the first for ${first}; convert or download it again`,
    )
  }
}
