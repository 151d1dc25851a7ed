/** OLMo 2: norms after branches alone, and over all of q and of k. */
import type { Architecture } from './architecture.js'
import { llamaSpec } from './llama.js'
import { namedTensors } from './names.js'
import { withAttention, withLayers } from './plain.js'

export const olmo2: Architecture = {
  name: 'OLMo 2',
  huggingFace: ['olmo2'],
  gguf: 'olmo2',
  spec: (read) => {
    const spec = withLayers(llamaSpec(read), (layer) => {
      const norm = layer.norms.attention!
      return {
        ...withAttention(layer, { qkNorm: { ...norm, over: 'all' } }),
        norms: { attention: null, afterAttention: norm, mlp: null, afterMlp: norm },
      }
    })
    return { ...spec, rotates: false }
  },
  tensors: (spec, from) =>
    namedTensors(spec, from, {
      after_attention_norm: 'post_attention_layernorm',
      after_mlp_norm: 'post_feedforward_layernorm',
    }),
  smaller: [{ name: 'hf.co/allenai/OLMo-2-0425-1B-Instruct', vocab: 100352, weights: 1.5e9 }],
}
