/**
 * Writes a model's weights in any format: layer by layer read, folded and rotated where format and model allow, seen at
 * work where the format wants that, and written as the format does. One layer or one table is in memory at a time; two
 * small layers where they are seen.
 */
import type { OnProgress } from '../common/progress.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import { featureBasis, tableFor } from '../formats/index.js'
import type { Reads } from '../formats/linear.js'
import type { StoredTable } from '../formats/table.js'
import type { Calibration, WeightFormat } from '../formats/weight-format.js'
import type { ModelWeights } from '../graph/model-graph.js'
import type { IntegerType } from '../spec/manifest.js'
import type { ModelSpec } from '../spec/model-spec.js'
import { CalibrationRun, weightsOf, type CalibratedLayer } from './calibration.js'
import { foldLayer, readLayer, type FusedLayer } from './fold.js'
import { writeProjection, type ReadProjection } from './write-projection.js'
import { Rotation } from './rotation.js'
import type { KeptParts, PartKeeper } from './kept-parts.js'
import type { WeightFile } from './weight-file.js'
import { writeFeatures, writeLayer, writeOnes, writeRotary, writeTable } from './write-parts.js'

export interface WriteOptions {
  format: WeightFormat
  /** How whole numbers are stored; null in a format without. */
  integers: IntegerType | null
  /** What drafts read of several layers, if any does. */
  projection?: ReadProjection
  /** Token ids of the calibration texts, for a format that wants to see them. */
  texts: () => readonly Int32Array[]
  /** Whether passes leave features for drafts. */
  hidden?: boolean
  onProgress: OnProgress
  /** For a device that holds the whole model: heads stay in the checkpoint's order. */
  onDevice?: boolean
  /** What the file has already, and who is told what it has after each part. */
  found?: KeptParts | null
  keeper?: PartKeeper
}

/** Whether a model's residual stream is rotated in a format. */
export function isRotated({ basis }: WeightFormat, spec: ModelSpec): boolean {
  return basis === 'rotated' && spec.rotates
}

/** Whether a pass ends by turning its features, which the stream's basis is not that of. */
export function turnsFeatures(format: WeightFormat, spec: ModelSpec): boolean {
  return spec.rotates && featureBasis(format) === 'rotated' && !isRotated(format, spec)
}

/** Writes all weights. The order of tensors is part of the contract. */
export async function writeWeights(
  checkpoint: Checkpoint,
  file: WeightFile,
  {
    format,
    integers,
    projection,
    texts,
    hidden: leavesFeatures = false,
    onProgress,
    onDevice,
    found = null,
    keeper,
  }: WriteOptions,
): Promise<ModelWeights> {
  const { spec } = checkpoint
  const { hidden, vocab } = spec
  const { finalNorm: foundNorm, embedding: foundTable, layers = [] } = found?.parts ?? {}
  let begun = layers.length + (foundTable ? 1 : 0)
  const begin = (part: string): void =>
    onProgress({
      stage: 'import',
      text: `import ${checkpoint.name} (${format.name})`,
      part,
      done: begun++,
      total: spec.layers.length + 2,
    })
  const rotation = isRotated(format, spec) ? new Rotation(hidden) : null
  const norm = rotation && (foundNorm ?? (await writeOnes(file, hidden)))
  // Where nothing is rounded to whole numbers there is nothing to be seen.
  const seen = onDevice ? null : format.calibration
  const run = seen && CalibrationRun.open(spec, seen, texts())
  const embeddings = async (): Promise<StoredTable> => {
    begin('embeddings')
    const table = await checkpoint.read('model.embed_tokens.weight')
    rotation?.apply(table)
    run?.begin(table)
    return writeTable(file, tableFor(format, spec), table, { vocab, hidden })
  }
  try {
    const before = rotation || run ? (foundTable ?? (await embeddings())) : null
    const keep = async (streams: Float32Array[]): Promise<void> => {
      const parts = { ...(norm && { finalNorm: norm }), ...(before && { embedding: before }), layers }
      await keeper?.keep({ parts, facts: file.facts, streams })
    }
    if (found) run?.goOn(found.streams)
    const prepare = async (i: number): Promise<FusedLayer> => {
      const layer = await readLayer(checkpoint, i, onDevice)
      if (rotation) foldLayer(layer, spec.layers[i], rotation)
      return layer
    }
    const write = async ({ layer, reads, streams }: CalibratedLayer): Promise<void> => {
      const i = layers.length
      const to = { file, integers, format, prefix: `layer${i}.`, reads, norm }
      const { written, region } = await file.region(() => writeLayer(spec.layers[i], layer, to))
      layers.push({ ...written, region })
      await keep(streams)
    }
    // While a layer is seen the one before is written and the next one read, where two take no more than one table.
    const overlaps = run !== null && spec.layers.every((layer) => weightsOf(layer) <= vocab * hidden)
    let ahead: FusedLayer | null = null
    let last: CalibratedLayer | null = null
    for (let i = layers.length; i < spec.layers.length; i++) {
      begin(`layer ${i + 1} of ${spec.layers.length}`)
      const layer: FusedLayer = ahead ?? (await prepare(i))
      if (!overlaps) {
        await write(run ? await run.see(layer, i) : { layer, reads: {}, streams: [] })
        continue
      }
      const seeing = run.see(layer, i)
      // Told below, unless what goes on meanwhile fails first.
      seeing.catch(() => undefined)
      if (last) await write(last)
      last = null
      ahead = i + 1 < spec.layers.length ? await prepare(i + 1) : null
      last = await seeing
    }
    if (last) await write(last)
    const embedding = before ?? (await embeddings())
    begin('head')
    const normWeight = await checkpoint.read('model.norm.weight')
    const matrix = await checkpoint.read(spec.tied ? 'model.embed_tokens.weight' : 'lm_head.weight')
    rotation?.apply(matrix, normWeight)
    const reads = run && headReads(run, seen!, { matrix, norm: rotation ? null : normWeight }, spec)
    const finalNorm = norm ?? (await file.add('final_norm', 'float32', [hidden], normWeight))
    const head = await format.linears.write({ file, integers, reads }, 'head', matrix, {
      inputs: hidden,
      outputs: vocab,
    })
    const rotary = await writeRotary(spec, file)
    const to = { file, linears: format.linears, integers, rotation }
    const projected = projection && { projection: await writeProjection(projection, hidden, to) }
    const turns = leavesFeatures && !projection && turnsFeatures(format, spec)
    const features = turns ? await writeFeatures(file, hidden) : undefined
    begin('written')
    return { embedding, layers, finalNorm, head, ...rotary, integers, features, ...projected }
  } finally {
    await run?.close()
  }
}

/** Lets the format change the head, where the norm before it keeps its weight; returns what the head then reads. */
function headReads(
  run: CalibrationRun,
  { balanceHead }: Calibration,
  { matrix, norm }: { matrix: Float32Array; norm: Float32Array | null },
  { layers }: ModelSpec,
): Reads | null {
  const reads = run.headReads(norm)
  return norm === null || !balanceHead ? reads : balanceHead({ matrix, norm }, layers[0], reads)
}
