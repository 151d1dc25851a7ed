/** Import: a checkpoint in, a folder out that holds the graphs, their weights, the tokenizer and the manifest. */
import { llamaGraph, type LlamaWeights } from '../graph/model-graph.js'
import { goesFar } from '../graph/pass.js'
import { bestIntegers } from '../formats/w8a8/exact-integers.js'
import type { IntegerType, ModelManifest, WeightFormat } from '../spec/manifest.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import { tokenizerHash } from '../text/tokenizer.js'
import { acceptanceOf } from './draft-acceptance.js'
import { calibrationTexts } from './calibration-texts.js'
import { checkConfig } from './check-config.js'
import { importBytes, requireSpace, type FreeBytes } from './disk-space.js'
import { writeFp16 } from '../formats/fp16.js'
import { writeFp32 } from '../formats/fp32.js'
import { writeFiles } from './import-files.js'
import { importFolder } from './import-folder.js'
import { CONTRACT_VERSION } from './manifest-file.js'
import { streamedFiles } from './streamed-files.js'
import { writeW8a8 } from '../formats/w8a8.js'
import type { WeightFile } from './weight-file.js'

export interface ImportOptions {
  format: WeightFormat
  /** W8A8: how integers are stored; what this machine multiplies exactly if left out. */
  integers?: IntegerType
  /** The folder to make. It appears whole or not at all; one that is there already is replaced. */
  outDir: string
  /**
   * Gives the graphs the output `hidden`, what the head reads, for drafters that feed on it. The manifest states its
   * basis.
   */
  hidden?: boolean
  /** Tells what is free on the disk of a folder; the system does if left out. */
  freeBytes?: FreeBytes
  /** Writes the weights in place of the checkpoint's own: for models that are made to be measured. */
  weigh?: Weigh
  /** Gets one line per stage. */
  onProgress?: (line: string) => void
}

/** Writes all weights of a model; `integers` as in the manifest. */
export type Weigh = (file: WeightFile, integers: IntegerType | null) => Promise<LlamaWeights>

/**
 * Writes the tree-capable graphs of a checkpoint. The same checkpoint and options give the same bytes. Besides the
 * weight file's own buffers it holds one layer or one embedding table in memory at a time.
 *
 * Throws `ModelError` for a checkpoint that is no Llama or lacks a tensor, or when the folder cannot be written; it
 * names the bytes needed where the disk has fewer.
 */
export async function importModel(checkpoint: Checkpoint, options: ImportOptions): Promise<ModelManifest> {
  const { format, outDir, hidden = false, onProgress = () => undefined } = options
  checkConfig(checkpoint)
  const integers = format !== 'w8a8' ? null : (options.integers ?? (await bestIntegers()))
  await requireSpace(outDir, importBytes(checkpoint.spec, format), options.freeBytes)
  const weigh =
    options.weigh ??
    weighing(checkpoint, format, (line) => onProgress(`import ${checkpoint.name} (${format}): ${line}`))
  return importFolder(outDir, (work) => writeModel(checkpoint, { format, integers, hidden }, work, weigh))
}

function weighing(checkpoint: Checkpoint, format: WeightFormat, onProgress: (line: string) => void): Weigh {
  const writeFloats = format === 'fp16' ? writeFp16 : writeFp32
  return (file, integers) =>
    integers === null
      ? writeFloats(checkpoint, file, onProgress)
      : writeW8a8(checkpoint, file, { texts: calibrationTexts(checkpoint), integers, onProgress })
}

async function writeModel(
  checkpoint: Checkpoint,
  { format, integers, hidden }: Pick<ModelManifest, 'format' | 'integers'> & { hidden: boolean },
  dir: string,
  weigh: Weigh,
): Promise<ModelManifest> {
  const isLong = integers !== null && goesFar(checkpoint.spec)
  const written = await writeFiles(
    dir,
    (file) => weigh(file, integers),
    (weights) => {
      const graph = (grouped: boolean, long: boolean): Uint8Array =>
        llamaGraph(checkpoint.spec, weights, { grouped, hidden, long })
      return {
        graph: graph(true, false),
        single: graph(false, false),
        tokenizer: checkpoint.tokenizer,
        ...(isLong ? { 'long.graph': graph(true, true), 'long.single': graph(false, true) } : {}),
        ...(format === 'fp32' ? {} : streamedFiles(checkpoint.spec, weights, hidden)),
      }
    },
  )
  const acceptance = acceptanceOf(checkpoint.metadata)
  return {
    version: CONTRACT_VERSION,
    name: checkpoint.name,
    format,
    integers,
    vType: integers ?? 'float32',
    spec: checkpoint.spec,
    stopTokens: checkpoint.stopTokens,
    bosToken: checkpoint.bosToken,
    chatTemplate: checkpoint.chatTemplate,
    tokenizerHash: tokenizerHash(checkpoint.tokenizer),
    license: checkpoint.license,
    source: { path: checkpoint.path, sha256: checkpoint.sha256 },
    ...written,
    hidden: !hidden ? null : format === 'fp32' ? 'checkpoint' : 'rotated',
    ...(acceptance === undefined ? {} : { acceptance }),
  }
}
