/** The folder of an import: it appears whole or not at all, whatever happens to the process that writes it. */
import { createHash } from 'node:crypto'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ModelError } from '../spec/errors.js'
import type { EmbeddingTable, StreamedLayout } from '../runtime/streamed/layout.js'
import type { ModelManifest, TokenizerFiles } from '../spec/manifest.js'
import { loadManifest, MANIFEST_FILE, verifyFiles } from './manifest-file.js'
import { WeightFile } from './weight-file.js'

export const FILES: ModelManifest['files'] = {
  graph: 'graph.onnx',
  single: 'graph-single.onnx',
  weights: ['weights.bin'],
  tokenizer: 'tokenizer.json',
}

/** What runs passes with rows far into a text. */
export const LONG_FILES: NonNullable<ModelManifest['files']['long']> = {
  graph: 'graph-long.onnx',
  single: 'graph-long-single.onnx',
}

/** What a model is streamed by, where it can be. */
export const STREAMED_FILES: NonNullable<ModelManifest['files']['streamed']> = {
  layer: 'layer.onnx',
  singleLayer: 'layer-single.onnx',
  head: 'head.onnx',
  layout: 'layers.json',
}
/** What copies an fp16 layer to where it computes. */
export const UPLOAD_FILE = 'upload.onnx'

/** What a feature drafter is run by where its table of embeddings stays on disk. */
export const EMBEDDED_FILES: NonNullable<ModelManifest['files']['embedded']> = {
  graph: 'graph-embedded.onnx',
  single: 'graph-embedded-single.onnx',
  table: 'embeddings.json',
}

/** Marks folders being written; the writer's process id follows. */
const PART = '.part-'

/**
 * Makes `outDir` of what `write` puts into the folder it is given, and of the manifest it returns; a folder that is
 * there already is replaced. Throws what `write` throws, and `ModelError` when the folder cannot be written.
 */
export async function importFolder(
  outDir: string,
  write: (dir: string) => Promise<ModelManifest>,
): Promise<ModelManifest> {
  const work = `${outDir}${PART}${process.pid}`
  try {
    await mkdir(dirname(outDir), { recursive: true })
    await removeLeftovers(outDir)
    await mkdir(work)
    const manifest = await write(work)
    await writeFile(join(work, MANIFEST_FILE), JSON.stringify(manifest, null, 1))
    await publish(work, outDir, manifest)
    return manifest
  } catch (error) {
    await rm(work, { recursive: true, force: true }).catch(() => undefined)
    throw asModelError(error, outDir)
  }
}

/** What an import writes beside its weights. */
export interface SmallFiles {
  graph: Uint8Array
  single: Uint8Array
  tokenizer: TokenizerFiles
  long?: { graph: Uint8Array; single: Uint8Array }
  streamed?: {
    layer: Uint8Array
    singleLayer: Uint8Array
    head: Uint8Array
    layout: StreamedLayout
    upload?: Uint8Array
  }
  embedded?: { graph: Uint8Array; single: Uint8Array; table: EmbeddingTable }
}

/**
 * Writes the weight file by `weigh` and the small files made of what that returns. Gives the size and hash of every
 * file.
 */
export async function writeFiles<W>(
  dir: string,
  weigh: (file: WeightFile) => Promise<W>,
  others: (weights: W) => SmallFiles,
): Promise<ModelManifest['checks']> {
  const file = await WeightFile.create(join(dir, FILES.weights[0]))
  let weights: W
  try {
    weights = await weigh(file)
  } catch (error) {
    await file.abandon()
    throw error
  }
  const { graph, single, tokenizer, long, streamed, embedded } = others(weights)
  const small: Record<string, Uint8Array> = {
    [FILES.graph]: graph,
    [FILES.single]: single,
    [FILES.tokenizer]: json(tokenizer),
  }
  if (long) Object.assign(small, { [LONG_FILES.graph]: long.graph, [LONG_FILES.single]: long.single })
  if (streamed) {
    const { layer, singleLayer, head, layout, upload } = streamed
    Object.assign(small, {
      [STREAMED_FILES.layer]: layer,
      [STREAMED_FILES.singleLayer]: singleLayer,
      [STREAMED_FILES.head]: head,
      [STREAMED_FILES.layout]: json(layout),
    })
    if (upload) small[UPLOAD_FILE] = upload
  }
  if (embedded) {
    Object.assign(small, {
      [EMBEDDED_FILES.graph]: embedded.graph,
      [EMBEDDED_FILES.single]: embedded.single,
      [EMBEDDED_FILES.table]: json(embedded.table),
    })
  }
  const checks: ModelManifest['checks'] = { [FILES.weights[0]]: await file.finish() }
  for (const [name, data] of Object.entries(small)) checks[name] = await put(join(dir, name), data)
  return checks
}

function json(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

async function put(path: string, data: Uint8Array): Promise<{ bytes: number; sha256: string }> {
  await writeFile(path, data)
  return { bytes: data.byteLength, sha256: createHash('sha256').update(data).digest('hex') }
}

/**
 * Puts the finished folder in its place. One that holds the same is left alone: another process may have made it just
 * now and be reading it.
 */
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
    return new ModelError(
      'model_invalid',
      outDir,
      `the disk is full: ${outDir} could not be written; free some space or choose another cache folder`,
      { cause: error },
    )
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return new ModelError(
      'model_invalid',
      outDir,
      `${outDir} cannot be written (${code}); choose another cache folder`,
      { cause: error },
    )
  }
  return error
}
