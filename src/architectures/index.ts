/** The model families that are read: a family is a file of this folder and a line here. */
import type { Architecture } from './architecture.js'
import { gemma2, gemma3 } from './gemma.js'
import { granite } from './granite.js'
import { llama } from './llama.js'
import { mistral } from './mistral.js'
import { olmo2 } from './olmo2.js'
import { phi3 } from './phi3.js'
import { qwen2, qwen3 } from './qwen.js'
import { smollm3 } from './smollm3.js'

export const architectures: readonly Architecture[] = [
  llama,
  mistral,
  qwen2,
  qwen3,
  gemma2,
  gemma3,
  phi3,
  smollm3,
  granite,
  olmo2,
]

export type { Architecture, SmallerModel, TensorSpec } from './architecture.js'
export { canonicalTensors, layerTensors, MATRICES, NORMS } from './canonical.js'
export { configReader, type ConfigReader, type FileKind, type Key } from './config-reader.js'
export { describe, type Described } from './describe.js'
export { namedTensors, withPairsApart } from './names.js'
export { plainSpec, readPlainShape, requireDense, withAttention, withLayers, type PlainShape } from './plain.js'
export { readRope } from './read-rope.js'
