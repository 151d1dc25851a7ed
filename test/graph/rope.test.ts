/** Frequencies of rotary embeddings, plain and stretched, and the operator that turns heads by them. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { passOf } from './support/recorded-layer.js'
import { plainSpec, withAttention } from '../../src/architectures/index.js'
import { frequencies, rotaryTables, turned } from '../../src/graph/rope.js'
import type { RopeScaling, RopeSpec } from '../../src/spec/model-spec.js'
import { randomShape } from '../support/random-llama.js'
import { RecordedGraph } from '../support/recorded-graph.js'

const rope = (scaling: RopeScaling | null = null): RopeSpec => ({ theta: 10_000, dims: 8, scaling })
const close = (found: ArrayLike<number>, expected: readonly number[]): void => {
  assert.is(found.length, expected.length)
  expected.forEach((value, i) => assert.ok(Math.abs(found[i] / value - 1) < 1e-6, `${i}: ${found[i]}, not ${value}`))
}

test('frequency i is theta^(-2i / dims)', () => {
  close(frequencies(rope()), [1, 0.1, 0.01, 0.001])
})

test('linear scaling divides them all, factors one by one', () => {
  close(frequencies(rope({ kind: 'linear', factor: 4 })), [0.25, 0.025, 0.0025, 0.00025])
  close(frequencies(rope({ kind: 'factors', factors: [1, 2, 4, 5], magnitude: 1 })), [1, 0.05, 0.0025, 0.0002])
})

test('llama3 keeps short waves, divides long ones and blends between', () => {
  // Waves within 200 positions: 31.8, 3.18, 0.318, 0.0318; kept whole from 4 on, divided from 1 down.
  const kept = ((200 * 0.1) / (2 * Math.PI) - 1) / 3
  const scaling = { kind: 'llama3', factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalPositions: 200 } as const
  close(frequencies(rope(scaling)), [1, 0.1 * (kept + (1 - kept) / 8), 0.01 / 8, 0.001 / 8])
})

test('yarn keeps what turns often within the original context and divides what turns rarely', () => {
  // Places of 32 turns and of 1 within 4,096 positions: 1.31 and 2.81, so the ramp goes from 1 to 3.
  const scaling = { kind: 'yarn', factor: 4, originalPositions: 4096, betaFast: 32, betaSlow: 1, magnitude: 1 } as const
  close(frequencies(rope(scaling)), [1, 0.1, 0.01 * (0.5 + 0.5 / 4), 0.001 / 4])
})

test('tables hold cos and sin of position times frequency, times the magnitude of the scaling', () => {
  const { cos, sin } = rotaryTables(rope({ kind: 'factors', factors: [1, 1, 1, 1], magnitude: 1.5 }), 3)
  assert.equal([...cos.subarray(0, 4), ...sin.subarray(0, 4)], [1.5, 1.5, 1.5, 1.5, 0, 0, 0, 0])
  close(
    cos.subarray(8),
    [2, 0.2, 0.02, 0.002].map((angle) => 1.5 * Math.cos(angle)),
  )
  close(
    sin.subarray(8),
    [2, 0.2, 0.02, 0.002].map((angle) => 1.5 * Math.sin(angle)),
  )
})

test('a part of each head is turned where the embedding is narrower than the head', () => {
  const spec = rope()
  const g = new RecordedGraph()
  const pass = passOf(g, withAttention(plainSpec(randomShape).layers[0], { rope: spec }))
  const before = g.size
  turned(g, 'q', spec, { heads: 3, headDim: 8 }, pass)
  turned(g, 'q', spec, { heads: 3, headDim: 16 }, pass)
  const [whole, part] = g.nodes.slice(before)
  assert.equal(whole.inputs, ['q', 'position_ids', 'cos', 'sin'])
  assert.equal(whole.attributes, { interleaved: 0 })
  assert.equal(part.attributes, { interleaved: 0, rotary_embedding_dim: 8, num_heads: 3 })
})

test.run()
