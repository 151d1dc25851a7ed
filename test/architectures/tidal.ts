/** Tidal: norms after branches alone, q and k normed head by head, GELU. */
import { namedTensors, plainSpec, readPlainShape, type Architecture } from '../../src/architectures/index.js'

export const tidal: Architecture = {
  name: 'Tidal',
  huggingFace: ['tidal'],
  gguf: null,
  spec: (read) => {
    const shape = readPlainShape(read)
    const norm = { epsilon: shape.epsilon }
    const plain = plainSpec(shape)
    const layers = plain.layers.map((layer) => ({
      ...layer,
      norms: { attention: null, afterAttention: norm, mlp: null, afterMlp: norm },
      attention: { ...layer.attention, qkNorm: { ...norm, over: 'head' as const } },
      mlp: { ...layer.mlp, act: 'gelu-tanh' as const },
    }))
    return { ...plain, rotates: false, layers }
  },
  tensors: (spec, from) =>
    namedTensors(spec, from, {
      after_attention_norm: 'post_attention_layernorm',
      after_mlp_norm: 'post_feedforward_layernorm',
    }),
}
