/**
 * Import of a feature drafter: its file and its target's checkpoint in, a folder out that holds the drafter's graphs.
 */
import { createHash } from 'node:crypto'
import { ModelError } from '../spec/errors.js'
import type { HeadImportOptions } from './draft-head.js'
import type { DraftFile } from './sequoia-draft-file.js'
import { draftGraph, type DraftWeights } from './sequoia-draft-graph.js'
import type { ModelManifest } from '../spec/manifest.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import { tokenizerHash } from '../text/tokenizer.js'
import { foldLayer, readLayer } from '../import/fold.js'
import { writeFiles, type Contents } from '../import/import-files.js'
import { importFolder } from '../import/import-folder.js'
import { CONTRACT_VERSION } from '../import/manifest-file.js'
import { Rotation } from '../import/rotation.js'
import { tableOf } from '../import/streamed-files.js'
import type { WeightFile } from '../import/weight-file.js'
import { writeLayer, writeOnes, writeRotary, writeTable } from '../import/write-parts.js'
import { remark } from '../common/progress.js'
import { normalize } from '../import/calibration.js'
import type { Reads, StoredLinear } from '../formats/linear.js'
import type { StoredTable } from '../formats/table.js'
import { w8a8 } from '../formats/w8a8/w8a8.js'
import type { WeightFormat } from '../formats/weight-format.js'
import { deviceGraphs } from './head-caches.js'

/** On a CPU. A draft decides what is guessed, never what is said: 8 bits are enough. */
export const DRAFT_FORMAT = w8a8
/** Rotated vectors of rms 1 are nearly Gaussian: of 576 values hardly any lies beyond this. */
const UNIT: Reads = { reach: 5 }

type DraftImportOptions = Omit<HeadImportOptions, 'format'> & Partial<Pick<HeadImportOptions, 'format'>>

/**
 * Writes the drafter's graphs: its own weights, rotated as the imported target's features are, and the target's
 * embeddings. Throws `ModelError` where the drafter was not trained for this checkpoint.
 */
export async function importDraft(
  draft: DraftFile,
  target: Checkpoint,
  { format = DRAFT_FORMAT, integers, onDevice = false, outDir, onProgress }: DraftImportOptions,
): Promise<ModelManifest> {
  await requireTarget(draft, target)
  onProgress(remark(`import ${draft.name} for ${target.name}`, 'import'))
  const device = onDevice ? deviceGraphs(format) : undefined
  const kind = { grouped: true, device }
  return importFolder(outDir, async (dir) => ({
    version: CONTRACT_VERSION,
    name: draft.name,
    format: format.name,
    integers,
    vType: device?.cache ?? 'float32',
    ...(device ? { device: { cache: device.cache } } : {}),
    spec: draft.spec,
    stopTokens: target.stopTokens,
    bosToken: target.bosToken,
    chatTemplate: null,
    tokenizerHash: tokenizerHash(target.tokenizer),
    license: draft.license,
    source: { path: draft.path, sha256: draft.sha256 },
    ...(await writeFiles(
      dir,
      (file) => writeDraft(draft, target, file, { format, integers, onDevice }),
      (weights) => ({
        graph: draftGraph(draft.spec, weights, kind),
        single: draftGraph(draft.spec, weights, { ...kind, grouped: false }),
        tokenizer: target.tokenizer,
        ...(device ? {} : embeddedFiles(draft, weights)),
      }),
    )),
    hidden: 'rotated',
    features: { read: draft.spec.hidden, written: draft.spec.hidden },
    acceptance: draft.acceptance,
  }))
}

function embeddedFiles({ spec }: DraftFile, weights: DraftWeights): Partial<Contents> {
  return {
    'embedded.graph': draftGraph(spec, weights, { grouped: true, embedded: true }),
    'embedded.single': draftGraph(spec, weights, { grouped: false, embedded: true }),
    'embedded.table': tableOf(weights.embedding),
  }
}

async function requireTarget({ name, path, target, spec }: DraftFile, checkpoint: Checkpoint): Promise<void> {
  const { hidden, vocab } = checkpoint.spec
  const norm = await checkpoint.read('model.norm.weight')
  const normSha256 = createHash('sha256')
    .update(new Uint8Array(norm.buffer, norm.byteOffset, norm.byteLength))
    .digest('hex')
  if (hidden === spec.hidden && vocab === spec.vocab && normSha256 === target.normSha256) return
  throw new ModelError(
    'tokenizer_mismatch',
    path,
    `draft "${name}" was trained for ${target.name} and reads its features; "${checkpoint.name}" is another ` +
      'model: use its own draft, or draft "ngram"',
  )
}

async function writeDraft(
  draft: DraftFile,
  target: Checkpoint,
  file: WeightFile,
  { format, integers, onDevice }: Pick<HeadImportOptions, 'format' | 'integers' | 'onDevice'>,
): Promise<DraftWeights> {
  const { spec } = draft
  const { hidden } = spec
  const [layerSpec] = spec.layers
  const rotation = new Rotation(hidden)
  const finalNorm = await writeOnes(file, hidden)
  const embedding = await writeEmbedding(target, rotation, file, format)
  const fc = await draft.read('fc')
  // Each row is two vectors of `hidden` values, one that meets the embedding and one that meets the feature: both come
  // rotated.
  rotation.apply(fc)
  rotation.applyDown(fc, 2 * hidden)
  const layer = await readLayer({ spec, read: draft.read }, 0, onDevice)
  foldLayer(layer, layerSpec, rotation)
  const head = await draft.read('head')
  rotation.apply(head)
  const ids = BigInt64Array.from(draft.tokens, BigInt)
  const reads = { qkv: UNIT, gateUp: UNIT }
  const linear = (name: string, weights: Float32Array, inputs: number, outputs: number): Promise<StoredLinear> =>
    format.linears.write({ file, integers, reads: UNIT }, name, weights, { inputs, outputs })
  return {
    embedding,
    fc: await linear('fc', fc, 2 * hidden, hidden),
    layer: await writeLayer(layerSpec, layer, {
      file,
      integers,
      format,
      prefix: '',
      reads,
      norm: finalNorm,
    }),
    finalNorm,
    head: await linear('head', head, hidden, draft.tokens.length),
    tokens: await file.add('tokens', 'int64', [1, ids.length], ids),
    ...(await writeRotary(spec, file)),
  }
}

/** The target's embeddings over their rms, rotated. */
async function writeEmbedding(
  target: Checkpoint,
  rotation: Rotation,
  file: WeightFile,
  format: WeightFormat,
): Promise<StoredTable> {
  const { hidden, vocab, finalNorm } = target.spec
  const table = normalize(await target.read('model.embed_tokens.weight'), hidden, finalNorm.epsilon)
  rotation.apply(table)
  return writeTable(file, format.table, table, { vocab, hidden })
}
