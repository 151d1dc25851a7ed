/** Import: a checkpoint in, a folder out that holds the graphs, their weights, the tokenizer and the manifest. */
import { createHash } from 'node:crypto'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ModelError } from '../../errors.js'
import { llamaGraph, type LlamaWeights } from '../graph/llama-graph.js'
import { bestIntegers } from '../../runtime/self-check.js'
import type { IntegerType, ModelManifest, WeightFormat } from '../manifest.js'
import type { Checkpoint } from '../tensors.js'
import { tokenizerHash } from '../tokenizer.js'
import { acceptanceOf } from './acceptance.js'
import { calibrationTexts } from './calibration-texts.js'
import { checkConfig } from './check-config.js'
import { writeFp32 } from './fp32.js'
import { CONTRACT_VERSION, loadManifest, MANIFEST_FILE, verifyFiles } from './manifest-file.js'
import { writeW8a8 } from './w8a8.js'
import { WeightFile } from './weight-file.js'

export interface ImportOptions {
  format: WeightFormat
  /** W8A8: how integers are stored; what this machine multiplies exactly if left out. */
  integers?: IntegerType
  /** The folder to make. It appears whole or not at all; one that is there already is replaced. */
  outDir: string
  /** Gives the graphs the output `hidden`, what the head reads, for drafters that feed on it. The manifest states its basis. */
  hidden?: boolean
  /** Gets one line per stage. */
  onProgress?: (line: string) => void
}

/** Marks folders being written; the writer's process id follows. */
const PART = '.part-'
const FILES = { graph: 'graph.onnx', single: 'graph-single.onnx', weights: 'weights.bin', tokenizer: 'tokenizer.json' }

/**
 * Writes the tree-capable graphs of a checkpoint. The same checkpoint and options give the same bytes. Besides the weight file's own buffers it
 * holds one layer or one embedding table in memory at a time.
 *
 * Throws `ModelError` for a checkpoint that is no Llama or lacks a tensor, or when the folder cannot be written.
 */
export async function importModel(checkpoint: Checkpoint, options: ImportOptions): Promise<ModelManifest> {
  const { format, outDir, hidden = false, onProgress = () => undefined } = options
  checkConfig(checkpoint)
  const integers = format === 'fp32' ? null : (options.integers ?? (await bestIntegers()))
  const work = `${outDir}${PART}${process.pid}`
  try {
    await mkdir(dirname(outDir), { recursive: true })
    await removeLeftovers(outDir)
    await mkdir(work)
    const manifest = await writeModel(checkpoint, { format, integers, hidden }, work, (line) => onProgress(`import ${checkpoint.name} (${format}): ${line}`))
    await publish(work, outDir, manifest)
    return manifest
  } catch (error) {
    await rm(work, { recursive: true, force: true }).catch(() => undefined)
    throw asModelError(error, outDir)
  }
}

async function writeModel(
  checkpoint: Checkpoint,
  { format, integers, hidden }: Pick<ModelManifest, 'format' | 'integers'> & { hidden: boolean },
  dir: string,
  onProgress: (line: string) => void,
): Promise<ModelManifest> {
  const file = await WeightFile.create(join(dir, FILES.weights))
  let weights: LlamaWeights
  try {
    weights = integers === null ? await writeFp32(checkpoint, file, onProgress) : await writeW8a8(checkpoint, file, { texts: calibrationTexts(checkpoint), integers, onProgress })
  } catch (error) {
    await file.abandon()
    throw error
  }
  const written: ModelManifest['checks'] = { [FILES.weights]: await file.finish() }
  const put = async (name: string, data: Uint8Array): Promise<void> => {
    await writeFile(join(dir, name), data)
    written[name] = { bytes: data.byteLength, sha256: createHash('sha256').update(data).digest('hex') }
  }
  await put(FILES.graph, llamaGraph(checkpoint.config, weights, { grouped: true, hidden }))
  await put(FILES.single, llamaGraph(checkpoint.config, weights, { grouped: false, hidden }))
  await put(FILES.tokenizer, new TextEncoder().encode(JSON.stringify(checkpoint.tokenizer)))
  const acceptance = acceptanceOf(checkpoint.metadata)
  const manifest: ModelManifest = {
    version: CONTRACT_VERSION,
    name: checkpoint.name,
    format,
    integers,
    config: checkpoint.config,
    stopTokens: checkpoint.stopTokens,
    bosToken: checkpoint.bosToken,
    chatTemplate: checkpoint.chatTemplate,
    tokenizerHash: tokenizerHash(checkpoint.tokenizer),
    license: checkpoint.license,
    source: { path: checkpoint.path, sha256: checkpoint.sha256 },
    files: { graph: FILES.graph, single: FILES.single, weights: [FILES.weights], tokenizer: FILES.tokenizer },
    checks: written,
    hidden: !hidden ? null : format === 'fp32' ? 'checkpoint' : 'rotated',
    ...(acceptance === undefined ? {} : { acceptance }),
  }
  await writeFile(join(dir, MANIFEST_FILE), JSON.stringify(manifest, null, 1))
  return manifest
}

/** Puts the finished folder in its place. One that holds the same is left alone: another process may have made it just now and be reading it. */
async function publish(work: string, outDir: string, manifest: ModelManifest): Promise<void> {
  if (!(await holds(outDir, manifest))) {
    await rm(outDir, { recursive: true, force: true })
    const failure: unknown = await rename(work, outDir).catch((error: unknown) => error)
    if (failure !== undefined && !(await holds(outDir, manifest))) throw failure
  }
  await rm(work, { recursive: true, force: true })
}

async function holds(dir: string, manifest: ModelManifest): Promise<boolean> {
  try {
    await verifyFiles(dir)
    return JSON.stringify(await loadManifest(dir)) === JSON.stringify(manifest)
  } catch {
    return false
  }
}

/** Removes what imports into this folder left when their process was killed. */
async function removeLeftovers(outDir: string): Promise<void> {
  const prefix = `${basename(outDir)}${PART}`
  const parts = (await readdir(dirname(outDir))).filter((name) => name.startsWith(prefix))
  const abandoned = parts.filter((name) => !isRunning(Number(name.slice(prefix.length))))
  for (const name of abandoned) await rm(join(dirname(outDir), name), { recursive: true, force: true })
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function asModelError(error: unknown, outDir: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new ModelError('model_invalid', outDir, `the disk is full: ${outDir} could not be written; free some space or choose another cache folder`, { cause: error })
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return new ModelError('model_invalid', outDir, `${outDir} cannot be written (${code}); choose another cache folder`, { cause: error })
  }
  return error
}
