/**
 * A Llama of 7B parameters (the shape of Llama 2 7B) with generated weights: as a GGUF file in Q8_0, as our import of
 * it, and as a checkpoint folder in bfloat16. Passes over it take the time that they take with real weights; what it
 * says means nothing. Made once, in the user's cache folder.
 */
import { existsSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../../src/common/cache-folder.js'
import { canonicalTensors, plainSpec, type PlainShape } from '../../src/architectures/index.js'
import { writeBf16Folder } from './write-folder.js'
import { writeBlocks } from './write-gguf.js'
import { writeImport } from './write-import.js'

export const BIG: PlainShape = {
  vocab: 32000,
  hidden: 4096,
  inner: 11008,
  layers: 32,
  heads: 32,
  kvHeads: 32,
  headDim: 128,
  theta: 10000,
  epsilon: 1e-5,
  maxPositions: 4096,
  tied: false,
}

export interface BigModel {
  gguf: string
  /** Null where nobody wants it. */
  folder: string | null
}

/** Makes what is not there yet. `withFolder`: the bfloat16 folder too, 13.5 GB more. */
export async function bigModel(
  withFolder: boolean,
  shape: PlainShape = BIG,
  onProgress = (line: string): void => console.error(line),
): Promise<BigModel> {
  const dir = join(cacheFolder(), 'bench')
  await mkdir(dir, { recursive: true })
  const name = `generated-${shape.layers}x${shape.hidden}`
  const make = async (path: string, write: (part: string) => Promise<void>): Promise<string> => {
    if (existsSync(path)) return path
    onProgress(`writing ${path}`)
    await write(`${path}.part`)
    await rename(`${path}.part`, path)
    return path
  }
  const gguf = await make(join(dir, `${name}.gguf`), (part) => writeBlocks(part, shape, 'Q8_0'))
  await writeImport(gguf, onProgress)
  const folder = withFolder ? await make(join(dir, name), (part) => writeBf16Folder(part, shape)) : null
  return { gguf, folder }
}

/** Elements of all matrices: bytes of an int8 copy, scales left out. */
export function matrixElements(model: PlainShape): number {
  return canonicalTensors(plainSpec(model))
    .filter(({ shape }) => shape.length > 1)
    .reduce((sum, { shape }) => sum + shape[0] * shape[1], 0)
}
