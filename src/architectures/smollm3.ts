/** SmolLM3: a Llama whose every fourth layer has no rotary embedding. */
import type { ConfigReader } from './config-reader.js'
import type { Architecture } from './architecture.js'
import { llama, llamaSpec } from './llama.js'
import { withAttention, withLayers } from './plain.js'

export const smollm3: Architecture = {
  name: 'SmolLM3',
  huggingFace: ['smollm3'],
  gguf: 'smollm3',
  spec: (read) => {
    const spec = llamaSpec(read)
    const turns = turningLayers(read, spec.layers.length)
    const hasWindows = read.flag({ hf: 'use_sliding_window', gguf: null }, false)
    return withLayers(spec, (layer, i) =>
      withAttention(layer, {
        rope: turns[i] ? layer.attention.rope : null,
        window: hasWindows ? layer.attention.window : null,
      }),
    )
  },
  tensors: llama.tensors,
}

/** [layers] whether positions enter a layer; `no_rope_layers` has 1 where they do. */
function turningLayers(read: ConfigReader, layers: number): boolean[] {
  const list = { hf: 'no_rope_layers', gguf: null }
  const every = read.count({ hf: 'no_rope_layer_interval', gguf: null }, 4)
  if (!read.has(list)) return Array.from({ length: layers }, (_, layer) => (layer + 1) % every !== 0)
  const flags = read.numbers(list)
  if (flags.length !== layers) read.refuse(`lists ${flags.length} "no_rope_layers" for ${layers} layers`)
  return flags.map((flag) => flag !== 0)
}
