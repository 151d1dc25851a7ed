/** Import: a checkpoint in, a folder out that holds the graphs, their weights, the tokenizer and the manifest. */
import { join } from 'node:path'
import type { OnProgress } from '../common/progress.js'
import { modelGraph, type ModelWeights } from '../graph/model-graph.js'
import { isStreamable } from '../graph/streamed-graph.js'
import { goesFar } from '../graph/pass.js'
import { formatNamed, revisionFor, tableFor, type FormatName } from '../formats/index.js'
import type { WeightFormat } from '../formats/weight-format.js'
import { DEVICES } from '../runtime/binding/device.js'
import { ModelError } from '../spec/errors.js'
import type { IntegerType, KvFormat, ModelManifest } from '../spec/manifest.js'
import { hasOwnBasis, type ModelSpec } from '../spec/model-spec.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import { tokenizerHash } from '../text/tokenizer.js'
import { acceptanceOf } from './draft-acceptance.js'
import { calibrationTexts } from './calibration-texts.js'
import { checkConfig } from './check-config.js'
import { importBytes } from './disk-space.js'
import { requireSpace, type FreeBytes } from './storage.js'
import { weighed, WEIGHTS_FILE, writeOthers } from './import-files.js'
import { importFolder } from './import-folder.js'
import { CONTRACT_VERSION } from './manifest-file.js'
import type { ProjectionSource, ReadProjection } from './write-projection.js'
import { streamedFiles } from './streamed-files.js'
import { weighModel } from './weigh-model.js'
import { WeightFile } from './weight-file.js'
import { isRotated, turnsFeatures, writeWeights } from './write-weights.js'

export interface ImportOptions {
  format: FormatName
  /** How a format that rounds stores whole numbers; as this machine multiplies them exactly if left out. */
  integers?: IntegerType
  /** The folder to make. It appears whole or not at all; one that is there already is replaced. */
  outDir: string
  /**
   * Gives the graphs the output `hidden`, what the head reads, for drafters that feed on it. The manifest states its
   * basis.
   */
  hidden?: boolean
  /**
   * Writes graphs for a device that holds the whole model. Throws `ModelError` for models that they cannot express.
   */
  onDevice?: boolean
  /** In place of what the head reads, `hidden` is what this makes of layers' outputs. */
  projection?: ProjectionSource
  /** How K is cached beside V in whole numbers; default `f32`. */
  kv?: KvFormat
  /** Tells what is free on the disk of a folder; the system does if left out. */
  freeBytes?: FreeBytes
  /** Writes the weights in place of the checkpoint's own: for models that are made to be measured. */
  weigh?: Weigh
  /** A folder of imports: one of them that has the same weights shares its file. */
  siblings?: string
  /** Told of each part. */
  onProgress?: OnProgress
}

/** Writes all weights of a model; `integers` as in the manifest. */
export type Weigh = (file: WeightFile, integers: IntegerType | null) => Promise<ModelWeights>

/**
 * Writes the tree-capable graphs of a checkpoint. The same checkpoint and options give the same bytes. Besides the
 * weight file's own buffers it holds one embedding table or a layer in memory at a time, two layers where they are seen
 * at work. What a killed import of the same was at is gone on with.
 *
 * Throws `ModelError` for a checkpoint that cannot be expressed or lacks a tensor, and `StorageError` when the folder
 * cannot be written; it names the bytes needed where the disk has fewer.
 */
export async function importModel(checkpoint: Checkpoint, options: ImportOptions): Promise<ModelManifest> {
  const { outDir, hidden = false, onDevice = false, onProgress = () => undefined } = options
  const format = formatNamed(options.format)
  checkConfig(checkpoint)
  const refusal = format.refuses(checkpoint.spec) ?? (onDevice ? refusalOnDevice(checkpoint.spec) : null)
  if (refusal !== null) throw new ModelError('model_invalid', checkpoint.path, `${checkpoint.name}: ${refusal}`)
  // What a GPU multiplies and keeps is no whole numbers.
  const integers = onDevice ? null : format.integers && (options.integers ?? (await format.integers.best()))
  const projection = options.projection?.of(checkpoint.spec)
  await requireSpace('the import', outDir, importBytes(checkpoint.spec, format, projection), options.freeBytes)
  const kind = { format, integers, hidden, onDevice, kv: options.kv, projection }
  const weigh = (dir: string): Promise<Weighed> =>
    options.weigh
      ? weighAnew(dir, options.weigh, integers)
      : weighModel(dir, {
          key: weightsKey(checkpoint, kind, options.projection?.sha256),
          kinds: { linears: format.linears, table: tableFor(format, checkpoint.spec) },
          siblings: options.siblings,
          write: (file, found, keeper) =>
            writeWeights(checkpoint, file, {
              ...kind,
              texts: () => calibrationTexts(checkpoint),
              onProgress,
              found,
              keeper,
            }),
        })
  return importFolder(outDir, (work) => writeModel(checkpoint, kind, work, weigh))
}

type Weighed = Awaited<ReturnType<typeof weighModel>>

async function weighAnew(dir: string, weigh: Weigh, integers: IntegerType | null): Promise<Weighed> {
  return weighed(await WeightFile.create(join(dir, WEIGHTS_FILE)), (file) => weigh(file, integers))
}

/** All that the bytes of a weight file depend on. */
function weightsKey(
  { sha256, spec }: Checkpoint,
  { format, integers, hidden, onDevice, projection }: Kind,
  projectionSha256 = '',
): string {
  const turns = hidden && !projection && turnsFeatures(format, spec)
  const revision = revisionFor(format, hasOwnBasis(spec))
  return JSON.stringify([
    CONTRACT_VERSION,
    sha256,
    format.name,
    revision,
    integers,
    onDevice,
    turns,
    projectionSha256,
    spec,
  ])
}

/** Why the graphs of a device cannot express a model; null where they can. */
function refusalOnDevice({ layers }: ModelSpec): string | null {
  if (layers.every(({ attention }) => attention.cap === null)) return null
  return (
    'its attention scores are capped, which ONNX Runtime does not promise of attention on a GPU; ' +
    'leave device out, or give memory so that its layers are streamed'
  )
}

interface Kind {
  format: WeightFormat
  integers: IntegerType | null
  hidden: boolean
  onDevice: boolean
  projection?: ReadProjection
  kv?: KvFormat
}

async function writeModel(
  checkpoint: Checkpoint,
  { format, integers, hidden, onDevice, kv, projection }: Kind,
  dir: string,
  weigh: (dir: string) => Promise<Weighed>,
): Promise<ModelManifest> {
  const { spec } = checkpoint
  const rotated = isRotated(format, spec)
  const allFine = format.integers?.allFine
  const kType = kv === 'f16' && !onDevice ? 'float16' : undefined
  const isLong = integers !== null && !allFine && goesFar(spec)
  // A streamed layer's norms are the head's: ones. Its K is float32.
  const isStreamed = !onDevice && format.streams && rotated && isStreamable(spec) && kType === undefined
  const half = format.halves ?? false
  const cache = onDevice && half ? 'float16' : 'float32'
  const copies = format.devices.some((name) => DEVICES[name](0).isApart)
  const { weights, facts } = await weigh(dir)
  const graph = (grouped: boolean, long: boolean): Uint8Array =>
    modelGraph(spec, weights, { grouped, hidden, long, kType, allFine, ...(onDevice ? { device: { half } } : {}) })
  const written = await writeOthers(dir, facts, {
    graph: graph(true, false),
    single: graph(false, false),
    tokenizer: checkpoint.tokenizer,
    ...(isLong ? { 'long.graph': graph(true, true), 'long.single': graph(false, true) } : {}),
    ...(isStreamed ? streamedFiles(spec, weights, { hidden, copies }) : {}),
  })
  const acceptance = acceptanceOf(checkpoint.metadata)
  const statesSampling = Object.keys(checkpoint.sampling).length > 0
  return {
    version: CONTRACT_VERSION,
    name: checkpoint.name,
    format: format.name,
    integers,
    vType: integers ?? cache,
    ...(onDevice ? { device: { cache } } : {}),
    ...(kType && { kType }),
    spec,
    stopTokens: checkpoint.stopTokens,
    bosToken: checkpoint.bosToken,
    chatTemplate: checkpoint.chatTemplate,
    ...(statesSampling ? { sampling: checkpoint.sampling } : {}),
    tokenizerHash: tokenizerHash(checkpoint.tokenizer),
    license: checkpoint.license,
    source: { path: checkpoint.path, sha256: checkpoint.sha256 },
    ...written,
    hidden: projection
      ? 'projected'
      : !hidden
        ? null
        : rotated || turnsFeatures(format, spec)
          ? 'rotated'
          : 'checkpoint',
    features: { read: 0, written: projection?.width ?? (hidden ? spec.hidden : 0) },
    ...(projection ? { taps: [...projection.taps] } : {}),
    ...(checkpoint.standIn === undefined ? {} : { standIn: checkpoint.standIn }),
    ...(acceptance === undefined ? {} : { acceptance }),
  }
}
