/**
 * The files of an import, each by its role: what it is called, who writes it and who reads it. Writing, checking and
 * opening an import all go by this table.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '../common/hash.js'
import type { ModelManifest } from '../spec/manifest.js'
import type { FileFacts } from './file-facts.js'
import { WeightFile } from './weight-file.js'

/**
 * Role -> file name, in the order that they are written. A role `group.key` stands in that group of the manifest's
 * `files`, and a group is there as a whole or not at all (but for `streamed.upload`).
 *
 * | role                 | written for                           | read to                                        |
 * | -------------------- | ------------------------------------- | ---------------------------------------------- |
 * | weights              | every model                           | map or stream weights                          |
 * | graph, single        | every model                           | run passes of several sequences, or of one     |
 * | tokenizer            | every model                           | make tokens of text                            |
 * | long.*               | exact targets of long contexts        | run passes with rows far into a text           |
 * | streamed.*           | targets in a format that streams      | run one layer, for several sequences or one;   |
 * |                      |                                       | the head; find each layer's weights            |
 * | streamed.upload      | the same, where a device is apart     | copy a layer's weights to where they compute   |
 * | embedded.*           | draft heads                           | run passes that get embeddings as rows; find   |
 * |                      |                                       | the table of embeddings                        |
 */
const FILE_NAMES = {
  graph: 'graph.onnx',
  single: 'graph-single.onnx',
  weights: 'weights.bin',
  tokenizer: 'tokenizer.json',
  'long.graph': 'graph-long.onnx',
  'long.single': 'graph-long-single.onnx',
  'streamed.layer': 'layer.onnx',
  'streamed.singleLayer': 'layer-single.onnx',
  'streamed.head': 'head.onnx',
  'streamed.layout': 'layers.json',
  'streamed.upload': 'upload.onnx',
  'embedded.graph': 'graph-embedded.onnx',
  'embedded.single': 'graph-embedded-single.onnx',
  'embedded.table': 'embeddings.json',
} as const

type Role = keyof typeof FILE_NAMES
const ROLES = Object.keys(FILE_NAMES) as Role[]

/** What each file holds: a graph's bytes, or what becomes JSON. Weights are written before. */
export type Contents = Record<'graph' | 'single' | 'tokenizer', Uint8Array | object> &
  Partial<Record<Exclude<Role, 'weights'>, Uint8Array | object>>

export const WEIGHTS_FILE = FILE_NAMES.weights

/**
 * Writes the weight file by `weigh`, and the other files as `others` makes them of what that returns. Gives the
 * manifest's `files`, and the size and hash of every file.
 */
export async function writeFiles<W>(
  dir: string,
  weigh: (file: WeightFile) => Promise<W>,
  others: (weights: W) => Contents,
): Promise<Pick<ModelManifest, 'files' | 'checks'>> {
  const { weights, facts } = await weighed(await WeightFile.create(join(dir, WEIGHTS_FILE)), weigh)
  return writeOthers(dir, facts, others(weights))
}

/** What `weigh` writes to a file, which is closed in any case. */
export async function weighed<W>(
  file: WeightFile,
  weigh: (file: WeightFile) => Promise<W>,
): Promise<{ weights: W; facts: FileFacts }> {
  try {
    const weights = await weigh(file)
    return { weights, facts: await file.finish() }
  } catch (error) {
    await file.abandon()
    throw error
  }
}

/** Writes the other files, beside weights of this size and hash. Gives what `writeFiles` does. */
export async function writeOthers(
  dir: string,
  weights: FileFacts,
  others: Contents,
): Promise<Pick<ModelManifest, 'files' | 'checks'>> {
  const contents: Partial<Record<Role, Uint8Array | object>> = others
  const checks: ModelManifest['checks'] = { [WEIGHTS_FILE]: weights }
  const written = ROLES.filter((role) => role === 'weights' || contents[role] !== undefined)
  for (const role of written) {
    const content = contents[role]
    if (content !== undefined) checks[FILE_NAMES[role]] = await put(join(dir, FILE_NAMES[role]), bytesOf(content))
  }
  return { files: filesOf(written), checks }
}

/** Names of all files that a manifest lists. */
export function fileNames({ files }: Pick<ModelManifest, 'files'>): string[] {
  return Object.values(files).flatMap((entry) => (typeof entry === 'string' ? entry : Object.values<string>(entry)))
}

/** The manifest's `files`: names by role, and by group and key. */
function filesOf(roles: readonly Role[]): ModelManifest['files'] {
  const files: Record<string, string | string[] | Record<string, string>> = {}
  for (const role of roles) {
    const [group, key] = role.split('.')
    if (role === 'weights') files.weights = [FILE_NAMES.weights]
    else if (key === undefined) files[role] = FILE_NAMES[role]
    else files[group] = { ...(files[group] as Record<string, string>), [key]: FILE_NAMES[role] }
  }
  return files as ModelManifest['files'] & typeof files
}

function bytesOf(content: Uint8Array | object): Uint8Array {
  return content instanceof Uint8Array ? content : new TextEncoder().encode(JSON.stringify(content))
}

async function put(path: string, data: Uint8Array): Promise<FileFacts> {
  await writeFile(path, data)
  return { bytes: data.byteLength, sha256: sha256(data) }
}
