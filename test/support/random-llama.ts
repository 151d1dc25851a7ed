/** A checkpoint of a small Llama with random weights, made from a seed, with the tests' tokenizer of bytes. */
import { ModelError } from '../../src/spec/errors.js'
import type { LlamaConfig } from '../../src/spec/manifest.js'
import type { Checkpoint } from '../../src/checkpoint/checkpoint.js'
import { tinyTokenizer } from './checkpoint-folder.js'
import { VOCAB } from './tiny-llama.js'

export const randomConfig: LlamaConfig = {
  vocabSize: VOCAB,
  hiddenSize: 48,
  intermediateSize: 80,
  layers: 2,
  heads: 6,
  kvHeads: 2,
  headDim: 8,
  ropeTheta: 10000,
  rmsNormEps: 1e-5,
  maxPositions: 512,
  tiedEmbeddings: false,
}

/** Uniform numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Shapes of every tensor, by name. */
export function llamaShapes(config: LlamaConfig): Map<string, number[]> {
  const { hiddenSize: hidden, intermediateSize: middle, headDim: d } = config
  const shapes = new Map<string, number[]>([
    ['model.embed_tokens.weight', [config.vocabSize, hidden]],
    ['model.norm.weight', [hidden]],
  ])
  if (!config.tiedEmbeddings) shapes.set('lm_head.weight', [config.vocabSize, hidden])
  for (let i = 0; i < config.layers; i++) {
    const add = (part: string, ...shape: number[]): unknown => shapes.set(`model.layers.${i}.${part}.weight`, shape)
    add('input_layernorm', hidden)
    add('self_attn.q_proj', config.heads * d, hidden)
    add('self_attn.k_proj', config.kvHeads * d, hidden)
    add('self_attn.v_proj', config.kvHeads * d, hidden)
    add('self_attn.o_proj', hidden, config.heads * d)
    add('post_attention_layernorm', hidden)
    add('mlp.gate_proj', middle, hidden)
    add('mlp.up_proj', middle, hidden)
    add('mlp.down_proj', hidden, middle)
  }
  return shapes
}

/**
 * Every tensor's values depend on its name and the seed alone. Norm weights are around 1, matrices sized so that
 * activations stay around 1.
 */
export function randomLlama(overrides: Partial<LlamaConfig> = {}, seed = 1): Checkpoint {
  const config = { ...randomConfig, ...overrides }
  const shapes = llamaShapes(config)
  const shape = (name: string): number[] => {
    const found = shapes.get(name)
    if (!found) throw new ModelError('model_invalid', 'random-llama', `no tensor ${name}`)
    return [...found]
  }
  return {
    name: 'random-llama',
    path: 'random-llama',
    sha256: `${seed}`.padEnd(64, '0'),
    config,
    tokenizer: { tokenizer: tinyTokenizer(), config: {} },
    chatTemplate: null,
    stopTokens: [0],
    bosToken: null,
    license: 'mit',
    metadata: {},
    has: (name) => shapes.has(name),
    shape,
    read: async (name) => {
      const [out, inputs] = shape(name)
      const random = seeded(seed + [...name].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7))
      const normal = (): number => random() + random() + random() + random() - 2
      if (inputs === undefined) return Float32Array.from({ length: out }, () => 1 + 0.2 * normal())
      const spread = name.includes('embed') ? 1 : 2 / Math.sqrt(inputs)
      return Float32Array.from({ length: out * inputs }, () => spread * normal())
    },
    close: async () => undefined,
  }
}
