/** Phi-3, 3.5 and 4-mini: fused tensors, a rotary embedding stretched factor by factor (`longrope`), a window. */
import type { Architecture } from './architecture.js'
import { namedTensors } from './names.js'
import { plainSpec, readPlainShape, requireDense, withAttention, withLayers } from './plain.js'
import { readRope } from './read-rope.js'
import { readWindows } from './windows.js'

/** q, k, v lie in one tensor, gate and up in another. */
const qkv = (name: string): Record<string, string> =>
  Object.fromEntries(['q', 'k', 'v'].map((part) => [`self_attn.${part}_proj`, name]))
const gateUp = (name: string): Record<string, string> => ({ 'mlp.gate_proj': name, 'mlp.up_proj': name })

export const phi3: Architecture = {
  name: 'Phi-3',
  huggingFace: ['phi3'],
  gguf: 'phi3',
  spec: (read) => {
    requireDense(read)
    const shape = readPlainShape(read, { epsilon: 1e-5, maxPositions: 4096 })
    const { rope, maxPositions } = readRope(read, shape)
    const windows = readWindows(read, shape.layers, () => true)
    return withLayers(plainSpec({ ...shape, maxPositions }), (layer, i) =>
      withAttention(layer, { rope, window: windows[i] }),
    )
  },
  tensors: (spec, from) =>
    namedTensors(
      spec,
      from,
      { ...qkv('self_attn.qkv_proj'), ...gateUp('mlp.gate_up_proj') },
      { ...qkv('attn_qkv'), ...gateUp('ffn_up') },
    ),
}
