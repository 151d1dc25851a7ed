/** Qwen 2 and 2.5, with biases on q, k, v; Qwen 3, with norms of each head of q and k in their place. */
import type { ModelSpec } from '../spec/model-spec.js'
import type { Architecture } from './architecture.js'
import type { ConfigReader } from './config-reader.js'
import { namedTensors } from './names.js'
import {
  plainSpec,
  readBiases,
  readPlainShape,
  requireDense,
  withAttention,
  withLayers,
  type PlainShape,
} from './plain.js'
import { readRope } from './read-rope.js'
import { readWindows } from './windows.js'

function qwenSpec(read: ConfigReader, usual: Partial<PlainShape>): { spec: ModelSpec; shape: PlainShape } {
  requireDense(read)
  const shape = readPlainShape(read, usual)
  const { rope, maxPositions } = readRope(read, shape)
  // `sliding_window` is stated whether or not it is used.
  const hasWindows = read.flag({ hf: 'use_sliding_window', gguf: null }, false)
  const first = hasWindows ? read.number({ hf: 'max_window_layers', gguf: null }, 28) : 0
  const windows = hasWindows ? readWindows(read, shape.layers, (layer) => layer >= first) : null
  const spec = withLayers(plainSpec({ ...shape, maxPositions }), (layer, i) =>
    withAttention(layer, { rope, window: windows?.[i] ?? null }),
  )
  return { spec, shape }
}

export const qwen2: Architecture = {
  name: 'Qwen 2',
  huggingFace: ['qwen2'],
  gguf: 'qwen2',
  spec: (read) => withLayers(qwenSpec(read, { maxPositions: 32768 }).spec, (layer) => ({ ...layer, biases: ['qkv'] })),
  tensors: (spec, from) => namedTensors(spec, from),
  smaller: [{ name: 'hf.co/Qwen/Qwen2.5-0.5B-Instruct', vocab: 151936, weights: 494e6 }],
}

export const qwen3: Architecture = {
  name: 'Qwen 3',
  huggingFace: ['qwen3'],
  gguf: 'qwen3',
  spec: (read) => {
    const { spec, shape } = qwenSpec(read, { maxPositions: 32768, headDim: 128 })
    const biases = readBiases(read)
    return withLayers(spec, (layer) => ({
      ...withAttention(layer, { qkNorm: { epsilon: shape.epsilon, over: 'head' } }),
      biases,
    }))
  },
  tensors: (spec, from) => namedTensors(spec, from),
  smaller: [{ name: 'hf.co/Qwen/Qwen3-0.6B', vocab: 151936, weights: 596e6 }],
}
