/** Granite 3: a Llama whose embeddings, scores, branches and logits are scaled by factors of the configuration. */
import type { Architecture } from './architecture.js'
import type { Key } from './config-reader.js'
import { llama, llamaSpec } from './llama.js'
import { withAttention, withLayers } from './plain.js'

const EMBEDDINGS: Key = { hf: 'embedding_multiplier', gguf: 'embedding_scale' }
const SCORES: Key = { hf: 'attention_multiplier', gguf: 'attention.scale' }
const BRANCHES: Key = { hf: 'residual_multiplier', gguf: 'residual_scale' }
const LOGITS: Key = { hf: 'logits_scaling', gguf: 'logit_scale' }

export const granite: Architecture = {
  name: 'Granite 3',
  huggingFace: ['granite'],
  gguf: 'granite',
  spec: (read) => {
    const [scale, residualScale] = [read.number(SCORES, 1), read.number(BRANCHES, 1)]
    const spec = withLayers(llamaSpec(read), (layer) => ({ ...withAttention(layer, { scale }), residualScale }))
    return { ...spec, embedScale: read.number(EMBEDDINGS, 1), logitScale: 1 / read.number(LOGITS, 1) }
  },
  tensors: llama.tensors,
  smaller: [{ name: 'hf.co/ibm-granite/granite-3.3-2b-instruct', vocab: 49159, weights: 2.5e9 }],
}
