/** Makes a layer fit to be rounded to 8 bits, by what calibration saw of it. */
import { columnMax, scaleColumns, scaleRows, stackRows } from '../../common/matrix.js'
import { keepsBasis, type NormPlace } from '../../spec/model-spec.js'
import type { Calibration, LayerMatrices } from '../weight-format.js'
import { ACTIVATION_LEVELS } from './steps.js'

/**
 * How much of the spread of a linear layer's input goes into its weights: SmoothQuant's alpha (arXiv 2211.10438,
 * equation 4). `down` reads by a step a row, so that behind a rotated stream little needs to: of 0.1 to 0.5, KL to
 * fp32 is least at 0.2 to 0.3 (SmolLM2, conversations and 8,192 tokens). In a basis of its own a stream has channels
 * that reach far, and so has what the MLP makes of it (Gemma 3 270M, one part rounded at a time, KL to fp32: `down`
 * .037, .009, .009, .008 and .017 at 0.25, 0.5, 0.7, 0.85 and 1; q, k, v .0019 at 0.5 and at 0.7; gate and up .0027
 * and .0018; the head .0018 and .0029).
 */
const SMOOTHING = { rotated: { down: 0.25 }, own: { down: 0.7, stream: 0.7, head: 0.5 } }
/** Keeps channels that calibration never saw move from being divided by zero. */
const TINY = 1e-5

/**
 * `down` is smoothed and read by a step a row: its input has spikes (a first token's can be 90 times the usual). The
 * others are read by static steps, where the stream can be rotated; where norms behind branches forbid that, what reads
 * it has a step a row too, and is smoothed through the weight of the norm before it where there is one.
 */
export const balance: Calibration['balance'] = (layer, spec, { v, rows, largest }) => {
  const isOwn = keepsBasis(spec)
  // Before the rows of up and v are scaled: by how far weights reach.
  if (isOwn) {
    smoothBehind(layer, 'attention', layer.qkv, rows.qkv!)
    smoothBehind(layer, 'mlp', layer.gateUp, rows.gateUp!)
  }
  smoothDown(layer, largest.down!, SMOOTHING[isOwn ? 'own' : 'rotated'].down)
  const { heads, kvHeads } = spec.attention
  const vFactors = scaleValues(layer, v, heads / kvHeads)
  const ones = new Float32Array(spec.hidden).fill(1)
  const o = { rows: rows.o!, factors: repeat(vFactors, heads / kvHeads) }
  return isOwn ? { o } : { qkv: { rows: rows.qkv!, factors: ones }, o, gateUp: { rows: rows.gateUp!, factors: ones } }
}

/** Behind a stream in its own basis the head is smoothed, and reads by a step a row. */
export const balanceHead: Calibration['balanceHead'] = ({ matrix, norm }, spec, reads) => {
  if (!keepsBasis(spec)) return reads
  const largest = new Float32Array(norm.length)
  for (const rows of reads.rows) columnMax(rows, largest)
  const reach = largest.map((most, c) => most * Math.abs(norm[c]))
  smoothNorm(matrix, norm, reach, SMOOTHING.own.head)
  return null
}

/** Smooths what a norm of the layer leaves for `matrix`; without the norm nothing takes the factors back. */
function smoothBehind({ norms }: LayerMatrices, place: NormPlace, matrix: Float32Array, rows: Float32Array[]): void {
  const norm = norms[place]
  if (norm === undefined) return
  const reach = new Float32Array(norm.length)
  for (const one of rows) columnMax(one, reach)
  smoothNorm(matrix, norm, reach, SMOOTHING.own.stream)
}

/** Moves part of the spread of a norm's result, of which `reach` is the largest, into the weights that read it. */
function smoothNorm(matrix: Float32Array, norm: Float32Array, reach: Float32Array, alpha: number): void {
  const back = smoothColumns(matrix, reach, alpha)
  back.forEach((factor, c) => (norm[c] *= factor))
}

/** Moves part of the spread of `down`'s input into its weights, through the rows of `up`. */
function smoothDown(layer: LayerMatrices, inputMax: Float32Array, alpha: number): void {
  const back = smoothColumns(layer.down, inputMax, alpha)
  const { gateUp: bias } = layer.biases
  scaleRows(layer.gateUp.subarray(layer.gateUp.length / 2), back)
  if (bias) scaleRows(bias.subarray(bias.length / 2), back)
}

/** Multiplies each column by inputMax^alpha / weightMax^(1 - alpha); returns what its input has to be multiplied by. */
function smoothColumns(matrix: Float32Array, inputMax: Float32Array, alpha: number): Float32Array {
  const weightMax = columnMax(matrix, new Float32Array(inputMax.length))
  const factors = inputMax.map((most, c) => Math.max(TINY, most) ** alpha / Math.max(TINY, weightMax[c]) ** (1 - alpha))
  scaleColumns(matrix, factors)
  return factors.map((factor) => 1 / factor)
}

/**
 * Makes v come out of its projection in int8 steps, one step a channel; `o` takes the steps back for each of the
 * `queriesPerHead` query heads of the group. Returns the factor of each channel.
 */
function scaleValues(layer: LayerMatrices, vMax: Float32Array, queriesPerHead: number): Float32Array {
  const factors = vMax.map((most) => (most === 0 ? 1 : ACTIVATION_LEVELS / most))
  const hidden = layer.o.length / (queriesPerHead * vMax.length)
  const { qkv: bias } = layer.biases
  scaleRows(layer.qkv.subarray(layer.qkv.length - vMax.length * hidden), factors)
  if (bias) scaleRows(bias.subarray(bias.length - vMax.length), factors)
  const back = factors.map((factor) => 1 / factor)
  scaleColumns(layer.o, repeat(back, queriesPerHead))
  return factors
}

function repeat(values: Float32Array, times: number): Float32Array {
  return stackRows(...Array.from({ length: times }, () => values))
}
