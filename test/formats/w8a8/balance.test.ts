/** Balancing moves the spread of activations into weights: what a layer computes in fp32 stays as it is. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { plainSpec } from '../../../src/architectures/plain.js'
import { balance, balanceHead } from '../../../src/formats/w8a8/balance.js'
import type { LayerMatrices } from '../../../src/formats/weight-format.js'
import { byRole } from '../../../src/spec/model-spec.js'
import { randomShape, seeded } from '../../support/random-llama.js'

const shape = { ...randomShape, hidden: 8, inner: 12, heads: 4, kvHeads: 2, headDim: 2, layers: 1 }
const [spec] = plainSpec(shape).layers
const random = seeded(7)
const values = (length: number): Float32Array => Float32Array.from({ length }, () => 2 * random() - 1)
const matrices = (): LayerMatrices => ({
  ...byRole(spec, ({ inputs, outputs }) => values(inputs * outputs)),
  biases: {},
  norms: {},
})
const seen = (v: Float32Array, down: Float32Array): Parameters<typeof balance>[2] => ({
  v,
  rows: { qkv: [values(8)], o: [], gateUp: [values(8)] },
  largest: { down },
})

/** [out, in] times x. */
function times(weights: Float32Array, x: Float32Array): Float32Array {
  return Float32Array.from({ length: weights.length / x.length }, (_, row) =>
    x.reduce((sum, value, i) => sum + value * weights[row * x.length + i], 0),
  )
}

function isClose(actual: Float32Array, expected: Float32Array): void {
  actual.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-4, `${value}, not ${expected[i]}`))
}

test('v comes out in 127 steps of the largest that was seen, and o takes the steps back', () => {
  const before = matrices()
  const after = { ...before, qkv: before.qkv.slice(), o: before.o.slice() }
  const x = values(8)
  const width = shape.kvHeads * shape.headDim
  const v = times(before.qkv, x).slice(-width)
  const reads = balance(after, spec, seen(v.map(Math.abs), new Float32Array(12).fill(1)))
  const steps = times(after.qkv, x).slice(-width)
  isClose(
    steps.map(Math.abs),
    v.map(() => 127),
  )
  const perHead = shape.heads / shape.kvHeads
  const attended = (one: Float32Array): Float32Array =>
    Float32Array.from({ length: perHead * width }, (_, i) => one[i % width])
  isClose(times(after.o, attended(steps)), times(before.o, attended(v)))
  const { o } = reads
  assert.ok(o && 'factors' in o && o.factors.length === shape.heads * shape.headDim)
})

test("what goes into down's weights comes out of up's rows", () => {
  const before = matrices()
  const after = { ...before, gateUp: before.gateUp.slice(), down: before.down.slice() }
  balance(after, spec, seen(new Float32Array(4).fill(1), values(12).map(Math.abs)))
  const x = values(8)
  const [up, smoothed] = [before, after].map(({ gateUp }) => times(gateUp, x).slice(12))
  assert.not.equal([...smoothed], [...up])
  isClose(times(after.down, smoothed), times(before.down, up))
  isClose(times(after.gateUp, x).slice(0, 12), times(before.gateUp, x).slice(0, 12))
})

test('channels that never moved are not divided by zero', () => {
  const layer = matrices()
  balance(layer, spec, seen(new Float32Array(4), new Float32Array(12)))
  for (const matrix of [layer.qkv, layer.o, layer.gateUp, layer.down]) assert.ok(matrix.every(Number.isFinite))
})

test('what reads a stream that can be rotated has static steps; behind norms of branches a step a row', () => {
  const readers = (afterMlp: { epsilon: number } | null): string[] => {
    const layer = { ...spec, norms: { ...spec.norms, afterMlp } }
    const reads = balance(matrices(), layer, seen(new Float32Array(4).fill(1), new Float32Array(12).fill(1)))
    return Object.keys(reads).sort()
  }
  assert.equal(readers(null), ['gateUp', 'o', 'qkv'])
  assert.equal(readers({ epsilon: 1 }), ['o'], 'attention rounds by the step that o reads')
})

/** The layer as Gemma has it: norms before branches and behind them. */
const behind = { ...spec, norms: { ...spec.norms, afterMlp: { epsilon: 1 } } }

test('behind norms of branches what q, k, v, gate and up read is smoothed through the norm before them', () => {
  const [attention, mlp] = [values(8), values(8)]
  const before = matrices()
  const after: LayerMatrices = {
    ...before,
    qkv: before.qkv.slice(),
    gateUp: before.gateUp.slice(),
    norms: { attention: attention.slice(), mlp: mlp.slice() },
  }
  balance(after, behind, seen(new Float32Array(4).fill(127), new Float32Array(12).fill(1)))
  assert.not.equal([...after.norms.attention!], [...attention])
  const x = values(8)
  const through = (norm: Float32Array): Float32Array => x.map((value, c) => value * norm[c])
  // V in steps of 1 is V itself, and so are all others.
  isClose(times(after.qkv, through(after.norms.attention!)), times(before.qkv, through(attention)))
  const gates = (layer: LayerMatrices, norm: Float32Array): Float32Array => times(layer.gateUp, through(norm))
  isClose(gates(after, after.norms.mlp!).slice(0, 12), gates(before, mlp).slice(0, 12))
})

test('a channel that reaches far is drawn nearer to the others', () => {
  const layer = { ...matrices(), norms: { attention: new Float32Array(8).fill(1), mlp: new Float32Array(8).fill(1) } }
  const far = Float32Array.of(1, 1, 1, 1, 1, 1, 1, 90)
  balance(layer, behind, {
    ...seen(new Float32Array(4), new Float32Array(12)),
    rows: { qkv: [far], o: [], gateUp: [far] },
  })
  const spread = (values: Float32Array): number => Math.max(...values) / Math.min(...values)
  assert.ok(spread(far.map((value, c) => value * layer.norms.attention[c])) < 30)
  assert.ok(spread(far.map((value, c) => value * layer.norms.mlp[c])) < 30)
})

test('where no norm stands before a branch, what it reads stays as it is', () => {
  const before = matrices()
  const after = { ...before, gateUp: before.gateUp.slice(), qkv: before.qkv.slice() }
  balance(after, behind, seen(new Float32Array(4).fill(127), new Float32Array(12).fill(1)))
  assert.equal([...after.qkv], [...before.qkv])
  assert.equal(after.gateUp.slice(0, 96), before.gateUp.slice(0, 96))
})

test('the head is smoothed and read by a step a row behind norms of branches, else left alone', () => {
  const [matrix, norm] = [values(24), values(8)]
  const reads = { rows: [values(16)], factors: norm.slice() }
  const [kept, keptNorm] = [matrix.slice(), norm.slice()]
  assert.is(balanceHead!({ matrix: kept, norm: keptNorm }, spec, reads), reads)
  assert.equal([kept, keptNorm], [matrix, norm])
  assert.is(balanceHead!({ matrix: kept, norm: keptNorm }, behind, reads), null)
  assert.not.equal([...kept], [...matrix])
  const x = values(8)
  const logits = (weights: Float32Array, by: Float32Array): Float32Array =>
    times(
      weights,
      x.map((value, c) => value * by[c]),
    )
  isClose(logits(kept, keptNorm), logits(matrix, norm))
})

test.run()
