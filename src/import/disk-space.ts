/** Whether an import fits on the disk, asked before the work is done. */
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ModelError } from '../spec/errors.js'
import type { LlamaConfig, WeightFormat } from '../spec/manifest.js'

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
export function importBytes(
  { vocabSize, hiddenSize, intermediateSize, heads, kvHeads, headDim, layers, maxPositions }: LlamaConfig,
  format: WeightFormat,
): number {
  const outputs = [(heads + 2 * kvHeads) * headDim, hiddenSize, 2 * intermediateSize, hiddenSize]
  const inputs = [hiddenSize, heads * headDim, hiddenSize, intermediateSize]
  const layer = inputs.reduce((sum, width, i) => sum + width * outputs[i], 0)
  const weights = 2 * vocabSize * hiddenSize + layers * layer
  const steps = 2 * vocabSize + layers * outputs.reduce((sum, width) => sum + width, 0)
  return weights * BYTES[format] + 4 * (steps + maxPositions * headDim) + SMALL_FILES
}

async function freeBytes(dir: string): Promise<number> {
  for (let at = dir; ; at = dirname(at)) {
    const found = await statfs(at).catch(() => null)
    if (found) return found.bavail * found.bsize
    if (at === dirname(at)) return Infinity
  }
}
