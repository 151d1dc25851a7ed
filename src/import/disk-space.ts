/** Whether an import fits on the disk, asked before the work is done. */
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ModelError } from '../spec/errors.js'
import type { WeightFormat } from '../formats/weight-format.js'
import { linearsOf, type ModelSpec } from '../spec/model-spec.js'

/** Bytes that the file system of a folder has free for us. */
export type FreeBytes = (dir: string) => Promise<number>

/** Graphs, tokenizer, manifest, and what alignment adds. */
const SMALL_FILES = 8 * 2 ** 20

/** Throws `ModelError` naming the bytes needed where they are not free. Says nothing where the system does not tell. */
export async function requireSpace(outDir: string, bytes: number, free: FreeBytes = freeBytes): Promise<void> {
  const left = await free(outDir)
  if (left >= bytes) return
  throw new ModelError(
    'model_invalid',
    outDir,
    `the import takes ${bytes} bytes and the disk of ${outDir} has ${left} free; ` +
      'free some space or choose another cache folder',
  )
}

/** At most what an import of such a model writes. */
export function importBytes(spec: ModelSpec, { linears, table }: Pick<WeightFormat, 'linears' | 'table'>): number {
  const { vocab, hidden, layers, maxPositions } = spec
  const head = { inputs: hidden, outputs: vocab }
  const shapes = [head, ...layers.flatMap((layer) => linearsOf(layer))]
  const weights = shapes.reduce((sum, shape) => sum + linears.bytes(shape), table.bytes({ vocab, hidden }))
  return weights + 4 * maxPositions * layers[0].attention.headDim + SMALL_FILES
}

async function freeBytes(dir: string): Promise<number> {
  for (let at = dir; ; at = dirname(at)) {
    const found = await statfs(at).catch(() => null)
    if (found) return found.bavail * found.bsize
    if (at === dirname(at)) return Infinity
  }
}
