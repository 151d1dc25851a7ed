/** EAGLE-3 heads (arXiv 2503.01840): layers over the target's embeddings and the outputs of three of its layers. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readJsonIfThere } from '../checkpoint/safetensors/json-file.js'
import { usualFormat } from '../formats/index.js'
import type { ProjectionSource } from '../import/write-projection.js'
import { ModelError } from '../spec/errors.js'
import type { DraftHead } from './draft-head.js'
import { isEagle3 } from './eagle3-config.js'
import { openEagle3, type Eagle3File } from './eagle3-file.js'
import { importEagle3 } from './eagle3-import.js'
import { layersRead } from './eagle3-layers.js'

export const eagle3: DraftHead = {
  kind: 'eagle3',
  basis: null,
  recognizes: async (path) => {
    const found = await stat(path).catch(() => null)
    if (!found?.isDirectory()) return false
    const config = await readJsonIfThere(join(path, 'config.json'))
    return config !== undefined && isEagle3(config)
  },
  open: async (path) => {
    const file = await openEagle3(path)
    return {
      name: file.name,
      path,
      sha256: file.sha256,
      projection: projectionOf(file),
      // A draft decides what is guessed, never what is said: what is usual is enough, but for a target in full
      // precision.
      formatFor: (target, device = 'cpu') =>
        target.basis === 'checkpoint' && !target.integers ? target : usualFormat(device),
      import: (target, options) => importEagle3(file, target, options),
      close: () => file.close(),
    }
  },
}

/** `fc`, in the target's graph: what goes from there to the head is as wide as what the head feeds back to itself. */
function projectionOf(file: Eagle3File): ProjectionSource {
  return {
    sha256: file.sha256,
    of: ({ hidden, layers }) => {
      const { layers: taps } = layersRead(file.config.layerIds, layers.length)
      const { targetHidden } = file.config
      if (file.featureWidth !== taps.length * hidden || (targetHidden ?? hidden) !== hidden)
        throw new ModelError(
          'model_invalid',
          file.path,
          `${file.path} reads ${taps.length} layers of a target as ${file.featureWidth} numbers (tensor fc.weight); ` +
            `this target's are ${hidden} wide: the head is another target's`,
        )
      return {
        taps,
        width: file.spec.hidden,
        norm: file.featureNorm,
        read: async (tap) => columns(await file.read('fc.weight'), file.featureWidth, tap * hidden, hidden),
        readNorm: async (tap) => {
          if (file.featureNorm === null) return null
          if (file.featureNorm.over === 'each') return file.read(`fc_norm.${tap}.weight`)
          return (await file.read('input_norm.weight')).slice(tap * hidden, (tap + 1) * hidden)
        },
      }
    },
  }
}

/** Columns [from, from + count) of a matrix of `width` columns. */
function columns(matrix: Float32Array, width: number, from: number, count: number): Float32Array {
  const out = new Float32Array((matrix.length / width) * count)
  for (let row = 0; row * width < matrix.length; row++)
    out.set(matrix.subarray(row * width + from, row * width + from + count), row * count)
  return out
}
