import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { foldLayer, type FusedLayer } from '../../src/import/fold.js'
import { Rotation } from '../../src/import/rotation.js'
import { plainSpec } from '../../src/architectures/plain.js'
import { randomShape } from '../support/random-llama.js'

const [hidden, heads, kvHeads, headDim, middle] = [12, 4, 2, 4, 20]
const queries = heads * headDim
const { layers } = plainSpec({ ...randomShape, hidden, inner: middle, heads, kvHeads, headDim, layers: 1 })

function random(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(1 + 7.3 * seed + 12.9898 * i))
}

function newLayer(): FusedLayer {
  return {
    norms: { attention: random(hidden, 1), mlp: random(hidden, 4) },
    biases: {},
    qkv: random((queries + 2 * 8) * hidden, 2),
    o: random(hidden * queries, 3),
    gateUp: random(2 * middle * hidden, 5),
    down: random(hidden * middle, 6),
  }
}

/** [out, in] times x. */
function times(weights: Float32Array, x: Float32Array): Float32Array {
  return Float32Array.from({ length: weights.length / x.length }, (_, row) =>
    x.reduce((sum, value, i) => sum + value * weights[row * x.length + i], 0),
  )
}

function rotated(x: Float32Array, rotation: Rotation): Float32Array {
  const copy = x.slice()
  rotation.apply(copy)
  return copy
}

function isClose(actual: Float32Array, expected: Float32Array): void {
  assert.is(actual.length, expected.length)
  actual.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-4, `${i}: ${value}, not ${expected[i]}`))
}

const [plain, folded] = [newLayer(), newLayer()]
const stream = new Rotation(hidden)
foldLayer(folded, layers[0], stream)
const x = random(hidden, 7)
const normed = x.map((value, i) => value * plain.norms.attention![i])
const [values, foldedValues] = [times(plain.qkv, normed), times(folded.qkv, rotated(x, stream))]

test('q and k of a folded layer are those of the layer', () => {
  isClose(foldedValues.subarray(0, queries + 8), values.subarray(0, queries + 8))
})

test('v is rotated within each head, and what o_proj makes of it is equal but for that of the stream', () => {
  const [v, foldedV] = [values.subarray(queries + 8), foldedValues.subarray(queries + 8)]
  isClose(foldedV, rotated(v, new Rotation(headDim)))
  assert.ok(Math.abs(foldedV[1] - v[1]) > 1e-3)
  // Every query head attends to the one token there is; heads take turns among the K/V heads, as in the graph.
  const attended = (v: Float32Array): Float32Array =>
    Float32Array.from({ length: heads * headDim }, (_, i) => v[i % v.length])
  isClose(times(folded.o, attended(foldedV)), rotated(times(plain.o, attended(v)), stream))
})

test('the feed-forward part reads and writes the rotated stream', () => {
  const postNormed = x.map((value, i) => value * plain.norms.mlp![i])
  isClose(times(folded.gateUp, rotated(x, stream)), times(plain.gateUp, postNormed))
  const active = random(middle, 8)
  isClose(times(folded.down, active), rotated(times(plain.down, active), stream))
  assert.ok([...folded.norms.attention!, ...folded.norms.mlp!].every((value) => value === 1))
})

test.run()
