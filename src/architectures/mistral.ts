/** Mistral's folders: a Llama whose layers may see a window. Its GGUF files are Llama's. */
import type { Architecture } from './architecture.js'
import { llamaSpec } from './llama.js'
import { namedTensors } from './names.js'

export const mistral: Architecture = {
  name: 'Mistral',
  huggingFace: ['mistral'],
  gguf: null,
  spec: llamaSpec,
  tensors: (spec, from) => namedTensors(spec, from),
}
