/**
 * Linear layers of blocks: `MatMulNBits` with whole numbers inside (accuracy level 4), weights in blocks of 32 along
 * the inputs with a step each, activations rounded to 8 bits by row and block. Values of a 4-bit file stay what
 * they are, those of a wider quantized file get 8 bits a weight, and float ones are rounded to 4.
 *
 * A file's affine blocks are d (q - z) + c with the nearest whole z, so c is half a step at most. c times the sum of x
 * over the block goes into columns of its own: x is followed by its blocks' sums and by a sixteenth of each, whose
 * weights are the high and the low half of c's 8 bits. Where x is float16, on a GPU, it is multiplied as it is.
 */
import type { GraphBuilder } from '../../onnx/graph-builder.js'
import { ELEMENT_TYPE } from '../../onnx/proto.js'
import type { LinearKind, LinearShape, LinearValues } from '../linear.js'
import { BLOCK, gridOf, isWideGrid } from './grid.js'
import { asHalves, halfStep, pack4, roundTo4, roundTo8 } from './round.js'

/** Level of accuracy of `MatMulNBits` that rounds activations to 8 bits. */
const WHOLE_NUMBERS = 4
/** What a low half of c is to a high one. */
const SIXTEEN = 16
/** Steps of the high half that the largest c of a row takes: less than 8, so that its low half has room. */
const HIGH_LEVELS = 7.4

/**
 * Parts: `weight` uint8 [outputs, blocks, bytes of a block]; `half` float16 [outputs * blocks], the steps, or `scale`
 * float32 where halves do not hold them; where a file's blocks have shifts `zero`, uint8 [outputs * ceil(blocks / 2)],
 * two a byte.
 */
export const blockLinears: LinearKind = {
  bytes: ({ inputs, outputs }) => outputs * blocksOf(inputs) * (BLOCK + 4),
  // A session keeps steps in float32, and of 4 bits besides what each block's zero point comes to.
  openedBytes: ({ inputs, outputs }) => outputs * blocksOf(inputs) * (BLOCK + 4),
  spreadBytes: () => 0,
  async write({ file }, name, weights, shape) {
    const { bytes, steps, zeros, blocks } = blocksFor(weights, shape)
    const dims = [shape.outputs, blocks, bytes.length / (shape.outputs * blocks)]
    const halves = asHalves(steps)
    return {
      kind: blockLinears,
      inputs: shape.inputs,
      tensors: {
        weight: await file.add(name, 'uint8', dims, bytes),
        ...(halves
          ? { half: await file.add(`${name}.half`, 'float16', [steps.length], halves) }
          : { scale: await file.add(`${name}.scale`, 'float32', [steps.length], steps) }),
        ...(zeros && { zero: await file.add(`${name}.zero`, 'uint8', [zeros.length], zeros) }),
      },
      numbers: {},
    }
  },
  emit(g, x, { inputs, dims, tensors }, { output, half: isHalf = false }) {
    const [outputs, , blockBytes] = dims
    const own = blocksOf(inputs)
    const hasShifts = tensors.zero !== undefined
    const attributes = {
      K: hasShifts ? inputs + 2 * own : inputs,
      N: outputs,
      bits: (8 * blockBytes) / BLOCK,
      block_size: BLOCK,
      ...(isHalf ? {} : { accuracy_level: WHOLE_NUMBERS }),
    }
    // Activations and steps are of one type: of steps that halves do not hold, float32.
    const isWide = isHalf && tensors.half === undefined
    const read = isWide ? g.op('Cast', [x], { to: ELEMENT_TYPE.float32 }) : x
    const values = hasShifts ? withSums(g, read, own, isHalf && !isWide) : read
    const steps = isHalf && !isWide ? tensors.half : stepsOf(g, tensors)
    const stored = [tensors.weight, steps, ...(hasShifts ? [tensors.zero] : [])]
    const product = g.op('MatMulNBits', [values, ...stored], attributes, isWide ? undefined : output)
    return isWide ? g.op('Cast', [product], { to: ELEMENT_TYPE.float16 }, output) : product
  },
}

/** float32; of constant halves a session computes them once, when it opens. */
function stepsOf(g: GraphBuilder, { half, scale }: LinearValues['tensors']): string {
  return half === undefined ? scale : g.op('Cast', [half], { to: ELEMENT_TYPE.float32 })
}

/** [x, s, s / 16] for x [.., blocks * 32], s [.., blocks] the sums of its blocks. */
function withSums(g: GraphBuilder, x: string, blocks: number, isHalf: boolean): string {
  const dims = g.op('Concat', [g.op('Shape', [x], { start: 0, end: -1 }), g.constant('int64', [blocks, BLOCK])], {
    axis: 0,
  })
  const sums = g.op('ReduceSum', [g.op('Reshape', [x, dims]), g.constant('int64', [-1])], { keepdims: 0 })
  const part = g.constant('float32', [1 / SIXTEEN], [])
  const low = g.op('Mul', [sums, isHalf ? g.op('Cast', [part], { to: ELEMENT_TYPE.float16 }) : part])
  return g.op('Concat', [x, sums, low], { axis: -1 })
}

function blocksOf(inputs: number): number {
  return Math.ceil(inputs / BLOCK)
}

/** Blocks as the file has them: `bytes` of all rows, and a step a block. */
export interface Blocks {
  bytes: Uint8Array
  steps: Float32Array
  /** Levels that stand for zero, two a byte, each row's from a byte of its own; 8 all over where left out. */
  zeros?: Uint8Array
  /** Of one row. */
  blocks: number
}

/** `weights` float32 [outputs, inputs] as blocks, by what they are. */
export function blocksFor(weights: Float32Array, shape: LinearShape): Blocks {
  const kept = shape.inputs % BLOCK === 0 ? keptBlocks(weights, shape) : null
  return kept ?? roundedBlocks(weights, shape, isWideGrid(weights) ? 8 : 4)
}

function roundedBlocks(weights: Float32Array, { inputs, outputs }: LinearShape, bits: 4 | 8): Blocks {
  const blocks = blocksOf(inputs)
  const blockBytes = (BLOCK * bits) / 8
  const bytes = new Uint8Array(outputs * blocks * blockBytes)
  const steps = new Float32Array(outputs * blocks)
  const levels = new Uint8Array(BLOCK)
  for (let row = 0; row < outputs; row++) {
    for (let block = 0; block < blocks; block++) {
      const [at, count] = [row * inputs + block * BLOCK, Math.min(BLOCK, inputs - block * BLOCK)]
      const place = row * blocks + block
      steps[place] = (bits === 4 ? roundTo4 : roundTo8)(weights, at, count, levels)
      if (bits === 4) pack4(levels, bytes, place * blockBytes)
      else bytes.set(levels, place * blockBytes)
    }
  }
  return { bytes, steps, blocks }
}

/** A 4-bit file's own blocks; null where a block is none. */
function keptBlocks(weights: Float32Array, { inputs, outputs }: LinearShape): Blocks | null {
  const own = inputs / BLOCK
  const packed = new Uint8Array(weights.length / 2)
  const steps = new Float32Array(outputs * own)
  const shifts = new Float32Array(outputs * own)
  const levels = new Uint8Array(BLOCK)
  for (let place = 0; place < steps.length; place++) {
    const grid = gridOf(weights, place * BLOCK, levels)
    if (grid === null) return null
    pack4(levels, packed, (place * BLOCK) / 2)
    steps[place] = halfStep(grid.step)
    shifts[place] = grid.shift
  }
  const plain = { bytes: packed, steps, blocks: own }
  return shifts.every((shift) => shift === 0) ? plain : withShifts(plain, shifts, outputs)
}

/** Takes whole steps of the shifts as zero points, and puts columns of what is left behind each row's own. */
function withShifts({ bytes, steps, blocks: own }: Blocks, shifts: Float32Array, outputs: number): Blocks {
  const extra = blocksOf(2 * own)
  const blocks = own + extra
  const rowBytes = (BLOCK / 2) * own
  const all = new Uint8Array(((BLOCK * blocks) / 2) * outputs)
  const allSteps = new Float32Array(blocks * outputs)
  const rowZeros = Math.ceil(blocks / 2)
  const zeros = new Uint8Array(rowZeros * outputs)
  const levels = new Uint8Array(extra * BLOCK)
  for (let row = 0; row < outputs; row++) {
    const rowSteps = steps.subarray(row * own, (row + 1) * own)
    const whole = shifts
      .subarray(row * own, (row + 1) * own)
      .map((shift, i) => Math.max(-7, Math.min(8, Math.round(shift / rowSteps[i]) || 0)))
    const left = whole.map((count, i) => shifts[row * own + i] - count * rowSteps[i])
    for (let block = 0; block < 2 * rowZeros; block++)
      zeros[row * rowZeros + (block >> 1)] |= (8 - (whole[block] ?? 0)) << (4 * (block & 1))
    const step = shiftLevels(left, levels)
    const at = (row * blocks * BLOCK) / 2
    all.set(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), at)
    allSteps.set(rowSteps, row * blocks)
    allSteps.fill(step, row * blocks + own, (row + 1) * blocks)
    for (let block = 0; block < extra; block++)
      pack4(levels.subarray(block * BLOCK, (block + 1) * BLOCK), all, at + rowBytes + (block * BLOCK) / 2)
  }
  return { bytes: all, steps: allSteps, zeros, blocks }
}

/** High halves of a row's shifts, then low ones, as levels around 8; returns their step. */
function shiftLevels(shifts: Float32Array, levels: Uint8Array): number {
  levels.fill(8)
  const largest = shifts.reduce((most, shift) => Math.max(most, Math.abs(shift)), 0)
  if (largest === 0) return 0
  const step = halfStep(largest / HIGH_LEVELS)
  shifts.forEach((shift, i) => {
    const high = Math.round(shift / step)
    levels[i] = high + 8
    levels[shifts.length + i] = Math.min(7, Math.round((shift / step - high) * SIXTEEN)) + 8
  })
  return step
}
