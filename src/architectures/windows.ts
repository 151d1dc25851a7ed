/** Which layers see a window of positions, and how wide it is. */
import type { ConfigReader, Key } from './config-reader.js'

const WINDOW: Key = { hf: 'sliding_window', gguf: 'attention.sliding_window' }
const TYPES: Key = { hf: 'layer_types', gguf: null }

/**
 * [layers] widths, null for layers that see all. `isLocal` says which layers have the window where the configuration
 * does not list them.
 */
export function readWindows(
  read: ConfigReader,
  layers: number,
  isLocal: (layer: number) => boolean,
  usual?: number,
): (number | null)[] {
  if (!read.has(WINDOW) && usual === undefined) return Array.from({ length: layers }, () => null)
  const width = read.count(WINDOW, usual)
  if (!read.has(TYPES)) return Array.from({ length: layers }, (_, layer) => (isLocal(layer) ? width : null))
  const types = read.texts(TYPES)
  if (types.length < layers) read.refuse(`lists ${types.length} "layer_types" for ${layers} layers`)
  return types.slice(0, layers).map((type) => {
    if (type === 'sliding_attention') return width
    if (type === 'full_attention') return null
    return read.refuse(`has a layer of type "${type}"; this reader knows "sliding_attention" and "full_attention"`)
  })
}
