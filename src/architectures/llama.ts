/** Llama and what shares its shape: SmolLM2, TinyLlama, Mistral without a window. */
import type { Architecture } from './architecture.js'
import { namedTensors, withPairsApart } from './names.js'
import { plainSpec, readPlainShape, requirePlain } from './plain.js'

export const llama: Architecture = {
  name: 'Llama',
  huggingFace: ['llama'],
  gguf: 'llama',
  spec: (read) => {
    const shape = readPlainShape(read)
    requirePlain(read, shape)
    return plainSpec(shape)
  },
  tensors: (spec, from) =>
    from === 'gguf' ? withPairsApart(spec, namedTensors(spec, from)) : namedTensors(spec, from),
}
