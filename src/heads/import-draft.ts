/**
 * Import of a feature drafter: its file and its target's checkpoint in, a folder out that holds the drafter's graphs.
 */
import { createHash } from 'node:crypto'
import { ModelError } from '../spec/errors.js'
import type { DraftFile } from './sequoia-draft-file.js'
import { draftGraph, type DraftWeights } from './sequoia-draft-graph.js'
import type { IntegerType, ModelManifest } from '../spec/manifest.js'
import { byRole } from '../spec/model-spec.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import { tokenizerHash } from '../text/tokenizer.js'
import { foldLayer, readLayer, rotateWriter } from '../import/fold.js'
import { writeRotary } from '../formats/fp32.js'
import { writeFiles } from '../import/import-files.js'
import { importFolder } from '../import/import-folder.js'
import { CONTRACT_VERSION } from '../import/manifest-file.js'
import { normalize } from '../import/observe.js'
import { quantizeRows } from '../formats/w8a8/quantize.js'
import { Rotation } from '../import/rotation.js'
import { ACTIVATION_LEVELS } from '../formats/w8a8/steps.js'
import { tableOf } from '../import/streamed-files.js'
import { addEmbedding, writeLinear, type LinearFile } from '../formats/w8a8.js'
import type { WeightFile } from '../import/weight-file.js'

/** Rotated vectors of rms 1 are nearly Gaussian: of 576 values hardly any lies beyond this. */
const UNIT_RANGE = 5
const UNIT_STEP = UNIT_RANGE / ACTIVATION_LEVELS

export interface DraftImportOptions {
  integers: IntegerType
  /** The folder to make. */
  outDir: string
  onProgress: (line: string) => void
}

/**
 * Writes the drafter's graphs: its own weights, rotated as the imported target's features are, and the target's
 * embeddings. Throws `ModelError` where the drafter was not trained for this checkpoint.
 */
export async function importDraft(
  draft: DraftFile,
  target: Checkpoint,
  { integers, outDir, onProgress }: DraftImportOptions,
): Promise<ModelManifest> {
  await requireTarget(draft, target)
  onProgress(`import ${draft.name} for ${target.name}`)
  return importFolder(outDir, async (dir) => ({
    version: CONTRACT_VERSION,
    name: draft.name,
    format: 'w8a8',
    integers,
    vType: 'float32',
    spec: draft.spec,
    stopTokens: target.stopTokens,
    bosToken: target.bosToken,
    chatTemplate: null,
    tokenizerHash: tokenizerHash(target.tokenizer),
    license: draft.license,
    source: { path: draft.path, sha256: draft.sha256 },
    ...(await writeFiles(
      dir,
      (file) => writeDraft(draft, target, { file, integers }),
      (weights) => ({
        graph: draftGraph(draft.spec, weights, { grouped: true }),
        single: draftGraph(draft.spec, weights, { grouped: false }),
        tokenizer: target.tokenizer,
        'embedded.graph': draftGraph(draft.spec, weights, { grouped: true, embedded: true }),
        'embedded.single': draftGraph(draft.spec, weights, { grouped: false, embedded: true }),
        'embedded.table': tableOf(weights.embedding),
      }),
    )),
    hidden: 'rotated',
    acceptance: draft.acceptance,
  }))
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
    `draft "${name}" was trained for ${target.name} and reads its features; "${checkpoint.name}" is another model: use its own draft, or draft "ngram"`,
  )
}

async function writeDraft(draft: DraftFile, target: Checkpoint, to: LinearFile): Promise<DraftWeights> {
  const { file } = to
  const { spec } = draft
  const { hidden } = spec
  const outputs = byRole(spec.layers[0], (linear) => linear.outputs)
  const rotation = new Rotation(hidden)
  const finalNorm = await file.add('norm', 'float32', [hidden], new Float32Array(hidden).fill(1))
  const embedding = await writeEmbedding(target, rotation, file)
  const fc = await draft.read('fc')
  // Each row is two vectors of `hidden` values, one that meets the embedding and one that meets the feature: both come
  // rotated.
  rotation.apply(fc)
  const layer = await readLayer({ spec, read: draft.read }, 0)
  foldLayer(layer, spec.layers[0], rotation)
  const head = await draft.read('head')
  rotation.apply(head)
  const ids = BigInt64Array.from(draft.tokens, BigInt)
  return {
    embedding,
    fc: await writeLinear(to, 'fc', rotateWriter(fc, hidden, rotation), hidden, UNIT_STEP),
    layer: {
      inputNorm: finalNorm,
      postNorm: finalNorm,
      qkv: await writeLinear(to, 'qkv', layer.qkv, outputs.qkv, UNIT_STEP),
      o: await writeLinear(to, 'o', layer.o, outputs.o, 'row'),
      gateUp: await writeLinear(to, 'gate_up', layer.gateUp, outputs.gateUp, UNIT_STEP),
      down: await writeLinear(to, 'down', layer.down, outputs.down, 'row'),
    },
    finalNorm,
    head: await writeLinear(to, 'head', head, draft.tokens.length, UNIT_STEP),
    tokens: await file.add('tokens', 'int64', [1, ids.length], ids),
    ...(await writeRotary(spec, file)),
  }
}

/** The target's embeddings over their rms, rotated, one step a row. */
async function writeEmbedding(
  target: Checkpoint,
  rotation: Rotation,
  file: WeightFile,
): Promise<DraftWeights['embedding']> {
  const { hidden, vocab, finalNorm } = target.spec
  const table = normalize(await target.read('model.embed_tokens.weight'), hidden, finalNorm.epsilon)
  rotation.apply(table)
  const { values, scale } = quantizeRows(table, vocab)
  return addEmbedding(file, values, scale)
}
