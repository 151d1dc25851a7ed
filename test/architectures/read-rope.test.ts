/** Rotary embeddings out of configurations, old keys and newer ones. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readRope, type ReadRope } from '../../src/architectures/read-rope.js'
import { reader } from '../support/families.js'

const shape = { theta: 10000, headDim: 16, maxPositions: 64 }
const read = (config: Record<string, unknown>, maxContext: number | null = null): ReadRope =>
  readRope({ ...reader(config), maxContext }, shape)

test('older files keep a scaling in rope_scaling, newer ones in rope_parameters; both are read alike', () => {
  const scaling = { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 16 }
  const older = read({ rope_scaling: { ...scaling, rope_type: undefined, type: 'yarn' } })
  assert.equal(older, read({ rope_parameters: scaling }))
  assert.equal(older.rope.scaling, {
    kind: 'yarn',
    factor: 4,
    originalPositions: 16,
    betaFast: 32,
    betaSlow: 1,
    magnitude: 0.1 * Math.log(4) + 1,
  })
})

test('no scaling, and a scaling that says "default", leave the embedding as it is', () => {
  const plain = { rope: { theta: 10000, dims: 16, scaling: null }, maxPositions: 64 }
  assert.equal(read({}), plain)
  assert.equal(read({ rope_scaling: { rope_type: 'default' } }), plain)
})

test('yarn and dynamic lengthen the context by their factor', () => {
  assert.is(read({ rope_scaling: { type: 'yarn', factor: 4 } }).maxPositions, 256)
  const { rope, maxPositions } = read({ rope_scaling: { type: 'dynamic', factor: 4 } })
  assert.is(maxPositions, 256)
  assert.is(rope.theta, 10000 * (4 * 4 - 3) ** (16 / 14))
})

test('longrope takes the factors of the longest text, and its magnitude from how far that goes', () => {
  const scaling = { type: 'longrope', short_factor: [1, 1, 1, 1], long_factor: [2, 2, 2, 2] }
  const half = { rope_scaling: scaling, partial_rotary_factor: 0.5 }
  const long = read({ ...half, original_max_position_embeddings: 16 }).rope
  assert.is(long.dims, 8)
  assert.equal(long.scaling, {
    kind: 'factors',
    factors: [2, 2, 2, 2],
    magnitude: Math.sqrt(1 + Math.log(4) / Math.log(16)),
  })
  assert.equal(read({ ...half, original_max_position_embeddings: 64 }).rope.scaling, {
    kind: 'factors',
    factors: [1, 1, 1, 1],
    magnitude: 1,
  })
})

test('where no text goes beyond the original context, embeddings are those that such texts have', () => {
  const dynamic = { rope_scaling: { type: 'dynamic', factor: 4, original_max_position_embeddings: 16 } }
  const plain = { rope: { theta: 10000, dims: 16, scaling: null }, maxPositions: 16 }
  assert.equal([read(dynamic, 15), read(dynamic, 16)], [plain, plain])
  assert.equal(read(dynamic, 17), read(dynamic))
  const eight = (factor: number): number[] => Array.from({ length: 8 }, () => factor)
  const scaling = { type: 'longrope', short_factor: eight(1), long_factor: eight(2) }
  const given = { rope_scaling: scaling, original_max_position_embeddings: 16 }
  const magnitude = Math.sqrt(1 + Math.log(4) / Math.log(16))
  assert.equal(read(given, 16), {
    rope: { theta: 10000, dims: 16, scaling: { kind: 'factors', factors: eight(1), magnitude } },
    maxPositions: 16,
  })
  assert.equal(read(given, 17), read(given))
  const linear = { rope_scaling: { type: 'linear', factor: 4 } }
  assert.equal(read(linear, 4), read(linear))
})

test('scalings that are unknown, or have too few factors, are refused', () => {
  assert.throws(() => read({ rope_scaling: { type: 'by-ear' } }), /"by-ear".*longrope/)
  assert.throws(() => read({ rope_scaling: { type: 'longrope', short_factor: [1] } }), /1 short factors.*expected 8/)
  assert.throws(() => read({ rope_scaling: { type: 'yarn', factor: 2, truncate: false } }), /truncate/)
})

test.run()
