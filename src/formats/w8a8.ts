/**
 * Weights of the W8A8 graph. Layer by layer: fuse, fold and rotate; run the calibration texts through the layer in
 * fp32; choose activation steps from what was seen; round and write. Of the texts only their residual streams go from
 * layer to layer.
 *
 * Static steps everywhere but for `down_proj`, whose input has spikes (a first token's can be 90 times the usual) and
 * is rounded row by row.
 */
import type { DraftWeights } from '../heads/sequoia-draft-graph.js'
import type { LayerWeights, LinearWeights, LlamaWeights } from '../graph/model-graph.js'
import type { IntegerType } from '../spec/manifest.js'
import { byRole, type LayerSpec } from '../spec/model-spec.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import { LayerRunner } from '../import/layer-runner.js'
import { foldLayer, foldReader, readLayer, type FusedLayer } from '../import/fold.js'
import { headName, writeRotary } from './fp32.js'
import { columnMax, scaleColumns, scaleRows, stackRows } from '../common/matrix.js'
import { normalize, observeLayer, type Observed } from '../import/observe.js'
import { around128, quantizeRows, transposeInt8 } from './w8a8/quantize.js'
import { Rotation } from '../import/rotation.js'
import { ACTIVATION_LEVELS, bestStep } from './w8a8/steps.js'
import type { WeightFile } from '../import/weight-file.js'

/**
 * How much of the spread of `down_proj`'s input goes into its weights: SmoothQuant's alpha (arXiv 2211.10438, equation
 * 4). Its input has a step per row, so little needs to. Of 0.1 to 0.5, KL to fp32 is least at 0.2 to 0.3 (SmolLM2,
 * conversations and 8,192 tokens).
 */
const SMOOTHING = 0.25
/** Keeps channels that calibration never saw move from being divided by zero. */
const TINY = 1e-5

export interface W8a8Options {
  /** Token ids of the calibration texts. */
  texts: readonly Int32Array[]
  integers: IntegerType
  onProgress: (line: string) => void
}

/** Where linear layers are written to, and the type of their integers. */
export interface LinearFile {
  file: WeightFile
  integers: IntegerType
}

/** Writes all weights. */
export async function writeW8a8(
  checkpoint: Checkpoint,
  file: WeightFile,
  { texts, integers, onProgress }: W8a8Options,
): Promise<LlamaWeights> {
  const { spec } = checkpoint
  const target = { file, integers }
  const { hidden, vocab } = spec
  const rotation = new Rotation(hidden)
  const ones = new Float32Array(hidden).fill(1)
  const finalNorm = await file.add('norm', 'float32', [hidden], ones)
  onProgress('embeddings')
  const { embedding, streams } = await writeEmbedding(checkpoint, rotation, texts, file)
  const layers: LayerWeights[] = []
  const runner = await LayerRunner.open(spec.layers[0], Math.max(...texts.map((text) => text.length)))
  try {
    for (let i = 0; i < spec.layers.length; i++) {
      onProgress(`layer ${i + 1} of ${spec.layers.length}`)
      const layer = await readLayer(checkpoint, i)
      foldLayer(layer, spec.layers[i], rotation)
      const seen = await observeLayer(spec.layers[i], runner, layer, streams)
      const { written, region } = await file.region(() => writeLayer(spec.layers[i], `layer${i}`, layer, seen, target))
      layers.push({ inputNorm: finalNorm, postNorm: finalNorm, ...written, region })
    }
  } finally {
    await runner.close()
  }
  onProgress('head')
  const step = bestStep(
    streams.map((stream) => normalize(stream, hidden, spec.finalNorm.epsilon)),
    ones,
  )
  const matrix = await checkpoint.read(headName(checkpoint))
  foldReader(matrix, await checkpoint.read('model.norm.weight'), rotation)
  const head = await writeLinear(target, 'head', matrix, vocab, step)
  return { embedding, layers, finalNorm, head, ...(await writeRotary(spec, file)) }
}

/** Writes the rotated embedding; `streams` are the texts' rows of it. */
async function writeEmbedding(
  checkpoint: Checkpoint,
  rotation: Rotation,
  texts: readonly Int32Array[],
  file: WeightFile,
): Promise<{ embedding: LlamaWeights['embedding']; streams: Float32Array[] }> {
  const { hidden, vocab } = checkpoint.spec
  const table = await checkpoint.read('model.embed_tokens.weight')
  rotation.apply(table)
  const streams = texts.map((text) =>
    stackRows(...Array.from(text, (token) => table.subarray(token * hidden, (token + 1) * hidden))),
  )
  const { values, scale } = quantizeRows(table, vocab)
  return { embedding: await addEmbedding(file, values, scale), streams }
}

/** Writes a table of int8 rows [vocab, hidden] and their steps [vocab] side by side. */
export async function addEmbedding(
  file: WeightFile,
  values: Int8Array,
  scale: Float32Array,
): Promise<DraftWeights['embedding']> {
  const vocab = scale.length
  const { written, region } = await file.region(async () => ({
    rows: await file.add('embedding', 'int8', [vocab, values.length / vocab], values),
    scale: await file.add('embedding.scale', 'float32', [vocab, 1], scale),
  }))
  return { ...written, region }
}

type LinearLayers = Pick<LayerWeights, 'qkv' | 'o' | 'gateUp' | 'down'>

async function writeLayer(
  spec: LayerSpec,
  name: string,
  layer: FusedLayer,
  seen: Observed,
  target: LinearFile,
): Promise<LinearLayers> {
  const outputs = byRole(spec, (linear) => linear.outputs)
  const { heads, kvHeads } = spec.attention
  const ones = new Float32Array(spec.hidden).fill(1)
  smoothDown(layer, seen.downMax)
  const vFactors = scaleValues(layer, seen.vMax)
  const oFactors = stackRows(...Array.from({ length: heads / kvHeads }, () => vFactors))
  return {
    qkv: await writeLinear(target, `${name}.qkv`, layer.qkv, outputs.qkv, bestStep(seen.qkv, ones)),
    o: await writeLinear(target, `${name}.o`, layer.o, outputs.o, bestStep(seen.o, oFactors)),
    gateUp: await writeLinear(target, `${name}.gate_up`, layer.gateUp, outputs.gateUp, bestStep(seen.gateUp, ones)),
    down: await writeLinear(target, `${name}.down`, layer.down, outputs.down, 'row'),
  }
}

/** Moves part of the spread of `down_proj`'s input into its weights, through the rows of `up_proj`. */
function smoothDown(layer: FusedLayer, inputMax: Float32Array): void {
  const weightMax = columnMax(layer.down, new Float32Array(inputMax.length))
  const factors = inputMax.map(
    (most, c) => Math.max(TINY, most) ** SMOOTHING / Math.max(TINY, weightMax[c]) ** (1 - SMOOTHING),
  )
  scaleColumns(layer.down, factors)
  scaleRows(
    layer.gateUp.subarray(layer.gateUp.length / 2),
    factors.map((factor) => 1 / factor),
  )
}

/**
 * Makes v come out of its projection in int8 steps, one step a channel; `o_proj` takes the steps back for every query
 * head of the group. Returns the factor of each channel.
 */
function scaleValues(layer: FusedLayer, vMax: Float32Array): Float32Array {
  const factors = vMax.map((most) => (most === 0 ? 1 : ACTIVATION_LEVELS / most))
  const queriesPerHead = layer.o.length / (layer.inputNorm.length * vMax.length)
  scaleRows(layer.qkv.subarray(layer.qkv.length - vMax.length * layer.inputNorm.length), factors)
  const back = factors.map((factor) => 1 / factor)
  scaleColumns(layer.o, stackRows(...Array.from({ length: queriesPerHead }, () => back)))
  return factors
}

/** Writes a linear layer [out, in] in the graph's layout. */
export async function writeLinear(
  { file, integers }: LinearFile,
  name: string,
  weights: Float32Array,
  out: number,
  step: number | 'row',
): Promise<LinearWeights> {
  const inputs = weights.length / out
  const { values, scale } = quantizeRows(weights, out)
  const transposed = transposeInt8(values, out, inputs)
  return {
    weight: await file.add(name, integers, [inputs, out], integers === 'uint8' ? around128(transposed) : transposed),
    scale: await file.add(`${name}.scale`, 'float32', [out], scale),
    step,
  }
}
