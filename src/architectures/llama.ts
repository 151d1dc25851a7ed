/** Llama and what shares its shape: SmolLM2, TinyLlama, Yi; in GGUF files Mistral comes under the same name. */
import type { Architecture } from './architecture.js'
import type { ConfigReader } from './config-reader.js'
import { namedTensors, withPairsApart } from './names.js'
import { plainSpec, readBiases, readPlainShape, requireDense, withAttention, withLayers } from './plain.js'
import { readRope } from './read-rope.js'
import { readWindows } from './windows.js'
import type { ModelSpec } from '../spec/model-spec.js'

/** A plain decoder with whatever biases, stretched rotary embedding and windows its configuration states. */
export function llamaSpec(read: ConfigReader): ModelSpec {
  requireDense(read)
  const shape = readPlainShape(read)
  const { rope, maxPositions } = readRope(read, shape)
  const biases = readBiases(read)
  const windows = readWindows(read, shape.layers, () => true)
  return withLayers(plainSpec({ ...shape, maxPositions }), (layer, i) => ({
    ...withAttention(layer, { rope, window: windows[i] }),
    biases,
  }))
}

export const llama: Architecture = {
  name: 'Llama',
  huggingFace: ['llama'],
  gguf: 'llama',
  spec: llamaSpec,
  tensors: (spec, from) =>
    from === 'gguf' ? withPairsApart(spec, namedTensors(spec, from)) : namedTensors(spec, from),
  smaller: [
    { name: 'smollm2-135m', vocab: 49152, weights: 135e6 },
    { name: 'hf.co/meta-llama/Llama-3.2-1B-Instruct', vocab: 128256, weights: 1.24e9 },
    { name: 'hf.co/TinyLlama/TinyLlama-1.1B-Chat-v1.0', vocab: 32000, weights: 1.1e9 },
  ],
}
