/** Refuses specs that the graph cannot express, before any work is done. */
import { ModelError } from '../spec/errors.js'
import { linearsOf } from '../spec/model-spec.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'

/** Throws `ModelError` naming the first value or tensor that does not fit. */
export function checkConfig(checkpoint: Checkpoint): void {
  const { spec, path } = checkpoint
  const refuse = (message: string): never => {
    throw new ModelError('model_invalid', path, `${checkpoint.name}: ${message}`)
  }
  const expect = (name: string, ...dims: number[]): void => {
    if (!checkpoint.has(name)) refuse(`tensor ${name} is missing`)
    const shape = checkpoint.shape(name)
    if (shape.join() !== dims.join())
      refuse(`tensor ${name} is [${shape.join(', ')}]; the configuration asks for [${dims.join(', ')}]`)
  }
  const { hidden, vocab } = spec
  const whole = (sizes: Record<string, number>): void => {
    for (const [name, value] of Object.entries(sizes)) {
      if (!Number.isInteger(value) || value < 1) refuse(`${name} is ${value}; expected a whole number of at least 1`)
    }
  }
  whole({ hidden, vocab, layers: spec.layers.length })
  expect('model.embed_tokens.weight', vocab, hidden)
  expect('model.norm.weight', hidden)
  if (!spec.tied) expect('lm_head.weight', vocab, hidden)
  spec.layers.forEach((layer, i) => {
    const { heads, kvHeads, headDim } = layer.attention
    whole({ heads, kvHeads, headDim, inner: layer.mlp.inner })
    if (heads % kvHeads !== 0) refuse(`${heads} query heads cannot share ${kvHeads} K/V heads evenly`)
    if (headDim % 2 !== 0) refuse(`head size ${headDim} is odd; rotary embedding needs pairs`)
    const [qkv, o, gateUp, down] = linearsOf(layer)
    const name = (part: string): string => `model.layers.${i}.${part}.weight`
    expect(name('self_attn.q_proj'), qkv.parts[0], hidden)
    expect(name('self_attn.k_proj'), qkv.parts[1], hidden)
    expect(name('self_attn.v_proj'), qkv.parts[2], hidden)
    expect(name('self_attn.o_proj'), hidden, o.inputs)
    expect(name('mlp.gate_proj'), gateUp.parts[0], hidden)
    expect(name('mlp.up_proj'), gateUp.parts[1], hidden)
    expect(name('mlp.down_proj'), hidden, down.inputs)
    expect(name('input_layernorm'), hidden)
    expect(name('post_attention_layernorm'), hidden)
  })
}
