/** Checkpoints of small models with random weights, made from a seed, with the tests' tokenizer of bytes. */
import { canonicalTensors, plainSpec, type PlainShape } from '../../src/architectures/index.js'
import type { Checkpoint } from '../../src/checkpoint/checkpoint.js'
import { ModelError } from '../../src/spec/errors.js'
import type { ModelSpec } from '../../src/spec/model-spec.js'
import { tinyTokenizer } from './checkpoint-folder.js'
import { VOCAB } from './tiny-llama.js'

export const randomShape: PlainShape = {
  vocab: VOCAB,
  hidden: 48,
  inner: 80,
  layers: 2,
  heads: 6,
  kvHeads: 2,
  headDim: 8,
  theta: 10000,
  epsilon: 1e-5,
  maxPositions: 512,
  tied: false,
}

/** Uniform numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

export function randomLlama(overrides: Partial<PlainShape> = {}, seed = 1): Checkpoint {
  return randomModel(plainSpec({ ...randomShape, ...overrides }), seed)
}

/** Of whatever a spec describes. */
export function randomModel(spec: ModelSpec, seed = 1): Checkpoint {
  const shapes = new Map(canonicalTensors(spec).map(({ name, shape }) => [name, shape]))
  const shape = (name: string): number[] => {
    const found = shapes.get(name)
    if (!found) throw new ModelError('model_invalid', 'random-llama', `no tensor ${name}`)
    return [...found]
  }
  return {
    name: 'random-llama',
    path: 'random-llama',
    sha256: `${seed}`.padEnd(64, '0'),
    spec,
    tokenizer: { tokenizer: tinyTokenizer(), config: {} },
    chatTemplate: null,
    stopTokens: [0],
    sampling: {},
    bosToken: null,
    license: 'mit',
    metadata: {},
    has: (name) => shapes.has(name),
    shape,
    read: async (name) => randomTensor(name, shape(name), seed),
    close: async () => undefined,
  }
}

/**
 * A tensor's values depend on its name, its shape and the seed alone. Norm weights are around 1, biases around 0, and
 * matrices [out, in] sized so that activations stay around 1.
 */
export function randomTensor(name: string, [out, inputs]: readonly number[], seed: number): Float32Array {
  const random = seeded(seed + [...name].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7))
  const normal = (): number => random() + random() + random() + random() - 2
  if (name.endsWith('.bias')) return Float32Array.from({ length: out }, () => 0.5 * normal())
  if (inputs === undefined) return Float32Array.from({ length: out }, () => 1 + 0.2 * normal())
  const spread = name.includes('embed') ? 1 : 2 / Math.sqrt(inputs)
  return Float32Array.from({ length: out * inputs }, () => spread * normal())
}
