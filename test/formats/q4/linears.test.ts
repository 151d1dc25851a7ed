import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { blockLinears, blocksFor, type Blocks } from '../../../src/formats/q4/linears.js'
import type { TensorFile } from '../../../src/formats/linear.js'
import { GraphBuilder } from '../../../src/onnx/graph-builder.js'
import { missingKernels } from '../../support/cuda-kernels.js'
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
    const step = 0.5 + (block % 7) / 16
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

/** What `write` adds to a file: bytes by part. */
async function written(weights: Float32Array, inputs: number): Promise<Record<string, number>> {
  const parts: Record<string, number> = {}
  const file: TensorFile = {
    add: (name, type, dims, { byteLength }) => {
      parts[name] = byteLength
      return Promise.resolve({ name, type, dims, file: '', offset: 0, bytes: byteLength })
    },
  }
  const shape = { inputs, outputs: weights.length / inputs }
  await blockLinears.write({ file, integers: null, reads: null }, 'w', weights, shape)
  return parts
}

test("affine blocks of a file take less than 5.2 bits a weight, symmetric ones the file's own 4.5", async () => {
  const [inputs, outputs] = [576, 4]
  const blocks = (shift: (block: number) => number): Float32Array =>
    Float32Array.from({ length: inputs * outputs }, (_, i) => {
      const block = Math.floor(i / BLOCK)
      return (0.5 + (block % 8) / 16) * ((i % 16) - 8 + shift(block))
    })
  const bits = (parts: Record<string, number>): number =>
    (8 * Object.values(parts).reduce((sum, bytes) => sum + bytes)) / (inputs * outputs)
  assert.ok(
    bits(
      await written(
        blocks((block) => (block % 3) / 7),
        inputs,
      ),
    ) < 5.2,
  )
  assert.is(
    bits(
      await written(
        blocks(() => 0),
        inputs,
      ),
    ),
    4.5,
  )
})

test('steps that halves do not hold stay float32', async () => {
  const weights = Float32Array.from({ length: 64 }, (_, i) => 1e6 * ((i % 16) - 8))
  assert.equal(await written(weights, 32), { w: 32, 'w.scale': 8 })
  assert.equal(
    await written(
      weights.map((value) => value / 1e6),
      32,
    ),
    { w: 32, 'w.half': 4 },
  )
})

for (const [what, part, zeros] of [
  ['of halves', 'half', false],
  ['with shifts', 'half', true],
  ['of steps that halves do not hold', 'scale', true],
] as const)
  test(`products ${what} have float16 in and out on a GPU, which has a kernel for each node`, () => {
    const g = new GraphBuilder('linear', 23)
    const blocks = zeros ? 3 : 2
    const input = (name: string, type: 'uint8' | 'float16' | 'float32', ...dims: number[]): string =>
      g.input(name, type, dims)
    const tensors = {
      weight: input('w', 'uint8', 8, blocks, 16),
      [part]: input('steps', part === 'half' ? 'float16' : 'float32', 8 * blocks),
      ...(zeros ? { zero: input('zeros', 'uint8', 8 * 2) } : {}),
    }
    const values = {
      kind: blockLinears,
      inputs: 64,
      type: 'uint8',
      dims: [8, blocks, 16],
      tensors,
      numbers: {},
    } as const
    const y = blockLinears.emit(g, g.input('x', 'float16', [1, 'N', 64]), values, { half: true })
    g.output(y, 'float16', [1, 'N', 8])
    assert.equal(missingKernels(g.encode()), [])
  })

test.run()
