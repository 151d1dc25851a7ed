/** Refuses checkpoints that the Llama graph cannot express, before any work is done. */
import { ModelError } from '../spec/errors.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'

/** Throws `ModelError` naming the first value or tensor that does not fit. */
export function checkConfig(checkpoint: Checkpoint): void {
  const { config, path } = checkpoint
  const { hiddenSize: hidden, intermediateSize: middle, heads, kvHeads, headDim, vocabSize: vocab, layers } = config
  const refuse = (message: string): never => {
    throw new ModelError('model_invalid', path, `${checkpoint.name}: ${message}`)
  }
  for (const [name, value] of Object.entries({ hidden, middle, heads, kvHeads, headDim, vocab, layers })) {
    if (!Number.isInteger(value) || value < 1)
      refuse(`${name} is ${value}; a Llama model needs a whole number of at least 1`)
  }
  if (heads % kvHeads !== 0) refuse(`${heads} query heads cannot share ${kvHeads} K/V heads evenly`)
  if (headDim % 2 !== 0) refuse(`head size ${headDim} is odd; rotary embedding needs pairs`)
  const expect = (name: string, ...dims: number[]): void => {
    if (!checkpoint.has(name)) refuse(`tensor ${name} is missing`)
    const shape = checkpoint.shape(name)
    if (shape.join() !== dims.join())
      refuse(`tensor ${name} is [${shape.join(', ')}]; the configuration asks for [${dims.join(', ')}]`)
  }
  expect('model.embed_tokens.weight', vocab, hidden)
  expect('model.norm.weight', hidden)
  if (!config.tiedEmbeddings) expect('lm_head.weight', vocab, hidden)
  for (let i = 0; i < layers; i++) {
    const name = (part: string): string => `model.layers.${i}.${part}.weight`
    expect(name('self_attn.q_proj'), heads * headDim, hidden)
    expect(name('self_attn.k_proj'), kvHeads * headDim, hidden)
    expect(name('self_attn.v_proj'), kvHeads * headDim, hidden)
    expect(name('self_attn.o_proj'), hidden, heads * headDim)
    expect(name('mlp.gate_proj'), middle, hidden)
    expect(name('mlp.up_proj'), middle, hidden)
    expect(name('mlp.down_proj'), hidden, middle)
    expect(name('input_layernorm'), hidden)
    expect(name('post_attention_layernorm'), hidden)
  }
}
