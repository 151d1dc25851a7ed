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
}
