/** Whether an import fits on the disk, asked before the work is done. */
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ModelError } from '../spec/errors.js'
import type { WeightFormat } from '../spec/manifest.js'
import { linearsOf, type ModelSpec } from '../spec/model-spec.js'

/** Bytes that the file system of a folder has free for us. */
export type FreeBytes = (dir: string) => Promise<number>

/** Of one weight. */
const BYTES: Record<WeightFormat, number> = { fp32: 4, fp16: 2, w8a8: 1 }
/** Graphs, tokenizer, manifest, and what alignment adds. */
const SMALL_FILES = 8 * 2 ** 20

/** Throws `ModelError` naming the bytes needed where they are not free. Says nothing where the system does not tell. */
export async function requireSpace(outDir: string, bytes: number, free: FreeBytes = freeBytes): Promise<void> {
  const left = await free(outDir)
  if (left >= bytes) return
  throw new ModelError(
    'model_invalid',
    outDir,
    `the import takes ${bytes} bytes and the disk of ${outDir} has ${left} free; free some space or choose another cache folder`,
  )
}

/** At most what an import of such a model writes. */
export function importBytes({ vocab, hidden, layers, maxPositions }: ModelSpec, format: WeightFormat): number {
  const linears = layers.flatMap((layer) => linearsOf(layer))
  const weights = 2 * vocab * hidden + linears.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0)
  const steps = 2 * vocab + linears.reduce((sum, { outputs }) => sum + outputs, 0)
  return weights * BYTES[format] + 4 * (steps + maxPositions * layers[0].attention.headDim) + SMALL_FILES
}

async function freeBytes(dir: string): Promise<number> {
  for (let at = dir; ; at = dirname(at)) {
    const found = await statfs(at).catch(() => null)
    if (found) return found.bavail * found.bsize
    if (at === dirname(at)) return Infinity
  }
}
