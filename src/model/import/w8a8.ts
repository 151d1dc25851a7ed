/**
 * Weights of the W8A8 graph. Layer by layer: fuse, fold and rotate; run the calibration texts through the layer in fp32; choose activation
 * steps from what was seen; round and write. The residual streams of the texts are all that is kept from layer to layer.
 */
import type { LayerWeights, LinearWeights, LlamaWeights } from '../graph/llama-graph.js'
import type { Checkpoint } from '../tensors.js'
import { LayerRunner, type LayerActivations } from './calibrate.js'
import { foldLayer, foldReader, readLayer, type FusedLayer } from './fold.js'
import { headName, writeRotary } from './fp32.js'
import { columnMax, scaleColumns, scaleRows, stackRows, transpose } from './matrix.js'
import { quantizeRows, transposeInt8 } from './quantize.js'
import { Rotation } from './rotation.js'
import type { WeightFile } from './weight-file.js'

/** How far `down_proj`'s input is smoothed into `up_proj`: SmoothQuant's alpha (arXiv 2211.10438, equation 4). */
const SMOOTHING = 0.4
const LEVELS = 127

/** Writes all weights. `texts`: token ids of the calibration texts. */
export async function writeW8a8(checkpoint: Checkpoint, texts: readonly Int32Array[], file: WeightFile, onProgress: (line: string) => void): Promise<LlamaWeights> {
  const { config } = checkpoint
  const { hiddenSize: hidden, vocabSize: vocab } = config
  const rotation = new Rotation(hidden)
  onProgress('embeddings')
  const embedding = await checkpoint.read('model.embed_tokens.weight')
  rotation.apply(embedding)
  const streams = texts.map((text) => pickRows(embedding, text, hidden))
  const rows = quantizeRows(embedding, vocab)
  const embeddingRefs = {
    rows: await file.add('embedding', 'int8', [vocab, hidden], rows.values),
    scale: await file.add('embedding.scale', 'float32', [vocab, 1], rows.scale),
  }
  const finalNorm = await file.add('norm', 'float32', [hidden], new Float32Array(hidden).fill(1))
  const layers: LayerWeights[] = []
  const runner = await LayerRunner.open(config, Math.max(...texts.map((text) => text.length)))
  try {
    for (let i = 0; i < config.layers; i++) {
      onProgress(`layer ${i + 1} of ${config.layers}`)
      const layer = await readLayer(checkpoint, i)
      foldLayer(layer, rotation)
      const seen = await observe(checkpoint, runner, layer, streams)
      layers.push({ inputNorm: finalNorm, postNorm: finalNorm, ...(await writeLayer(checkpoint, i, layer, seen, file)) })
    }
  } finally {
    await runner.close()
  }
  onProgress('head')
  const headMatrix = await checkpoint.read(headName(checkpoint))
  foldReader(headMatrix, await checkpoint.read('model.norm.weight'), rotation)
  const headStep = largestNormed(streams, hidden, config.rmsNormEps) / LEVELS
  const head = await writeLinear(file, 'head', headMatrix, vocab, headStep)
  return { embedding: embeddingRefs, layers, finalNorm, head, ...(await writeRotary(config, file)) }
}

/** Largest |x| by channel of what each linear layer reads, and of v. */
type Seen = Record<keyof LayerActivations, Float32Array>

/** Runs every text through the layer, advancing its stream, and keeps the largest values. */
async function observe(checkpoint: Checkpoint, runner: LayerRunner, layer: FusedLayer, streams: Float32Array[]): Promise<Seen> {
  const { hiddenSize: hidden, intermediateSize: middle, heads, kvHeads, headDim } = checkpoint.config
  const qkvRows = (heads + 2 * kvHeads) * headDim
  const weights = {
    qkv: transpose(layer.qkv, qkvRows, hidden),
    o: transpose(layer.o, hidden, heads * headDim),
    gateUp: transpose(layer.gateUp, 2 * middle, hidden),
    down: transpose(layer.down, hidden, middle),
  }
  const seen = {
    qkv: new Float32Array(hidden),
    v: new Float32Array(kvHeads * headDim),
    o: new Float32Array(heads * headDim),
    gateUp: new Float32Array(hidden),
    down: new Float32Array(middle),
  }
  for (let t = 0; t < streams.length; t++) {
    const { x, taps } = await runner.run(weights, streams[t])
    streams[t] = x
    for (const tap of Object.keys(seen) as (keyof Seen)[]) columnMax(taps[tap], seen[tap])
  }
  return seen
}

async function writeLayer(
  checkpoint: Checkpoint,
  index: number,
  layer: FusedLayer,
  seen: Seen,
  file: WeightFile,
): Promise<Pick<LayerWeights, 'qkv' | 'o' | 'gateUp' | 'down'>> {
  const { hiddenSize: hidden, intermediateSize: middle, heads, kvHeads, headDim } = checkpoint.config
  smoothDown(layer, seen.down)
  scaleValues(layer, seen.v, heads / kvHeads)
  const name = (part: string): string => `layer${index}.${part}`
  return {
    qkv: await writeLinear(file, name('qkv'), layer.qkv, (heads + 2 * kvHeads) * headDim, peak(seen.qkv) / LEVELS),
    o: await writeLinear(file, name('o'), layer.o, hidden, 'row'),
    gateUp: await writeLinear(file, name('gate_up'), layer.gateUp, 2 * middle, peak(seen.gateUp) / LEVELS),
    down: await writeLinear(file, name('down'), layer.down, hidden, 'row'),
  }
}

/** Moves part of the spread of `down_proj`'s input into its weights, through the rows of `up_proj`. */
function smoothDown(layer: FusedLayer, inputMax: Float32Array): void {
  const middle = inputMax.length
  const weightMax = columnMax(layer.down, new Float32Array(middle))
  const factors = inputMax.map((x, c) => Math.max(1e-5, x) ** SMOOTHING / Math.max(1e-5, weightMax[c]) ** (1 - SMOOTHING))
  scaleColumns(layer.down, factors)
  scaleRows(layer.gateUp.subarray(layer.gateUp.length / 2), factors.map((factor) => 1 / factor))
}

/** Makes v come out of its projection in int8 steps, one step a channel; `o_proj` takes the steps back, for every query head of the group. */
function scaleValues(layer: FusedLayer, vMax: Float32Array, queriesPerHead: number): void {
  const steps = vMax.map((most) => (most === 0 ? 1 : most / LEVELS))
  scaleRows(layer.qkv.subarray(layer.qkv.length - vMax.length * layer.inputNorm.length), steps.map((step) => 1 / step))
  scaleColumns(layer.o, stackRows(...Array.from({ length: queriesPerHead }, () => steps)))
}

function peak(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0)
}

async function writeLinear(file: WeightFile, name: string, weights: Float32Array, out: number, step: number | 'row'): Promise<LinearWeights> {
  const inputs = weights.length / out
  const { values, scale } = quantizeRows(weights, out)
  return {
    weight: await file.add(name, 'int8', [inputs, out], transposeInt8(values, out, inputs)),
    scale: await file.add(`${name}.scale`, 'float32', [out], scale),
    step,
  }
}

function pickRows(data: Float32Array, rows: Int32Array, cols: number): Float32Array {
  const out = new Float32Array(rows.length * cols)
  rows.forEach((row, i) => out.set(data.subarray(row * cols, (row + 1) * cols), i * cols))
  return out
}

/** max |x / rms(x)| over all rows: what the head reads. */
function largestNormed(streams: readonly Float32Array[], hidden: number, epsilon: number): number {
  let most = 0
  for (const stream of streams) {
    for (let start = 0; start < stream.length; start += hidden) {
      const row = stream.subarray(start, start + hidden)
      const square = row.reduce((sum, x) => sum + x * x, 0)
      most = Math.max(most, row.reduce((m, x) => Math.max(m, Math.abs(x)), 0) / Math.sqrt(square / hidden + epsilon))
    }
  }
  return most
}
