import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { blocksFor, type Blocks } from '../../../src/formats/q4/linears.js'
import { seeded } from '../../support/random-llama.js'

const BLOCK = 32
const [OUTPUTS, INPUTS] = [6, 96]
const shape = { inputs: INPUTS, outputs: OUTPUTS }
const random = seeded(9)

/** What the blocks stand for, [OUTPUTS, INPUTS]: own columns, and shifts where there are columns for them. */
function valuesOf({ bytes, steps, zeros, blocks }: Blocks): Float32Array {
  const own = INPUTS / BLOCK
  const blockBytes = bytes.length / (OUTPUTS * blocks)
  const at = (row: number, column: number): number => {
    const place = row * blocks + Math.floor(column / BLOCK)
    const inBlock = column % BLOCK
    if (blockBytes === BLOCK) return (bytes[place * blockBytes + inBlock] - 128) * steps[place]
    const pair = bytes[place * blockBytes + (inBlock >> 1)]
    const block = Math.floor(column / BLOCK)
    const zero = zeros ? (zeros[row * Math.ceil(blocks / 2) + (block >> 1)] >> (4 * (block & 1))) & 15 : 8
    return ((inBlock & 1 ? pair >> 4 : pair & 15) - zero) * steps[place]
  }
  return Float32Array.from({ length: OUTPUTS * INPUTS }, (_, i) => {
    const [row, column] = [Math.floor(i / INPUTS), i % INPUTS]
    if (blocks === own) return at(row, column)
    const block = Math.floor(column / BLOCK)
    return at(row, column) + at(row, INPUTS + block) + at(row, INPUTS + own + block) / 16
  })
}

/** Root mean square of what is lost, as a part of the values'. */
function loss(weights: Float32Array, blocks: Blocks): number {
  const got = valuesOf(blocks)
  const squares = (of: (i: number) => number): number => weights.reduce((sum, _, i) => sum + of(i) ** 2, 0)
  return Math.sqrt(squares((i) => got[i] - weights[i]) / squares((i) => weights[i]))
}

function onGrid(levels: number, shift: (block: number) => number): Float32Array {
  return Float32Array.from({ length: OUTPUTS * INPUTS }, (_, i) => {
    const block = Math.floor(i / BLOCK)
    const step = Math.fround(0.5 + (block % 7) / 10)
    return Math.fround(step * (Math.floor(random() * levels) - levels / 2) + step * shift(block))
  })
}

test("a 4-bit file's symmetric blocks are kept exactly, in 4 bits and a step a block", () => {
  const weights = onGrid(16, () => 0)
  const blocks = blocksFor(weights, shape)
  assert.is(blocks.blocks, INPUTS / BLOCK)
  assert.is(blocks.bytes.length, weights.length / 2)
  assert.ok(loss(weights, blocks) < 1e-6)
})

test("a 4-bit file's affine blocks are kept to one in a thousand, their shifts in columns of their own", () => {
  const weights = onGrid(16, (block) => ((block * 5) % 9) / 3 - 1.3)
  const blocks = blocksFor(weights, shape)
  assert.is(blocks.blocks, INPUTS / BLOCK + 1)
  assert.ok(loss(weights, blocks) < 0.001, `${loss(weights, blocks)}`)
})

test('values of 5 to 8 bits get a byte each', () => {
  const weights = onGrid(64, () => 0)
  const blocks = blocksFor(weights, shape)
  assert.is(blocks.bytes.length, weights.length)
  assert.ok(loss(weights, blocks) < 0.01, `${loss(weights, blocks)}`)
})

test('float values get 4 bits', () => {
  const weights = Float32Array.from({ length: OUTPUTS * INPUTS }, () => random() + random() - 1)
  const blocks = blocksFor(weights, shape)
  assert.is(blocks.bytes.length, weights.length / 2)
  assert.ok(loss(weights, blocks) < 0.1, `${loss(weights, blocks)}`)
})

test('rows of no whole number of blocks are rounded, and zeros stay zeros', () => {
  const blocks = blocksFor(new Float32Array(OUTPUTS * 40), { inputs: 40, outputs: OUTPUTS })
  assert.is(blocks.blocks, 2)
  assert.ok(blocks.steps.every((step) => step === 0))
})

test.run()
