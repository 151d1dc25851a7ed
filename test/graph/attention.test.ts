// @process native
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { exactAttention, partsOf } from '../../src/graph/attention.js'
import { GraphBuilder } from '../../src/onnx/graph-builder.js'
import type { IntegerType } from '../../src/spec/manifest.js'
import { exactIntegers } from '../../src/formats/w8a8/exact-integers.js'
import { seeded } from '../support/random-llama.js'

/** Types of V that this CPU multiplies exactly. */
const types: readonly IntegerType[] = await exactIntegers()
const ROWS = 3
const HEADS = 2
const DIM = 4

/**
 * One exact attention over K/V of `slots` slots: rows [ROWS, HEADS, DIM], result [HEADS, ROWS, DIM] in steps of 1
 * around 128.
 */
async function attend(
  q: Float32Array,
  k: Float32Array,
  v: Int8Array,
  sees: Uint8Array,
  integers = types[0],
): Promise<Uint8Array> {
  const slots = v.length / (HEADS * DIM)
  const stored = (values: Int8Array, zero: number): Int8Array | Uint8Array =>
    integers === 'uint8' ? Uint8Array.from(values, (value) => value + zero) : values
  const g = new GraphBuilder('attention')
  const inputs = {
    q: g.input('q', 'float32', [ROWS, HEADS, DIM]),
    k: g.input('k', 'float32', ['S', HEADS, DIM]),
    v: g.input('v', integers, ['S', HEADS, DIM]),
    sees: g.input('sees', 'bool', [HEADS, ROWS, 'S']),
  }
  const fill = { ones: g.input('ones', integers, ['S', 1]), middles: g.input('middles', 'uint8', [HEADS, ROWS, 1]) }
  const result = exactAttention(g, {
    ...inputs,
    ...fill,
    integers,
    stacked: false,
    parts: null,
    headDim: DIM,
    scale: 1 / Math.sqrt(DIM),
    cap: null,
    step: 1,
  })
  g.output(result, 'uint8', [HEADS, ROWS, DIM])
  const session = await InferenceSession.create(g.encode())
  const out = await session.run({
    q: new Tensor('float32', q, [ROWS, HEADS, DIM]),
    k: new Tensor('float32', k, [slots, HEADS, DIM]),
    v: tensor(stored(v, 128), [slots, HEADS, DIM]),
    sees: new Tensor(
      'bool',
      Uint8Array.from({ length: HEADS * ROWS * slots }, (_, i) => sees[i % (ROWS * slots)]),
      [HEADS, ROWS, slots],
    ),
    ones: tensor(stored(new Int8Array(slots).fill(1), 0), [slots, 1]),
    middles: new Tensor('uint8', new Uint8Array(HEADS * ROWS).fill(128), [HEADS, ROWS, 1]),
  })
  await session.release()
  return out[result].data as Uint8Array
}

function tensor(data: Int8Array | Uint8Array, dims: number[]): Tensor {
  return data instanceof Int8Array ? new Tensor('int8', data, dims) : new Tensor('uint8', data, dims)
}

const random = seeded(9)
const width = HEADS * DIM
const q = Float32Array.from({ length: ROWS * width }, () => 4 * random() - 2)
const k = Float32Array.from({ length: 40 * width }, () => 4 * random() - 2)
const v = Int8Array.from({ length: 40 * width }, () => Math.floor(255 * random()) - 127)
const sees = Uint8Array.from({ length: ROWS * 40 }, (_, i) => (i % 40 <= 10 + 10 * Math.floor(i / 40) ? 1 : 0))

/** Softmax attention of one row and head in float64. */
function expected(row: number, head: number, channel: number): number {
  let [sum, total] = [0, 0]
  for (let slot = 0; slot < 40; slot++) {
    if (!sees[row * 40 + slot]) continue
    let dot = 0
    for (let c = 0; c < DIM; c++) dot += q[row * width + head * DIM + c] * k[slot * width + head * DIM + c]
    const weight = Math.exp(dot / Math.sqrt(DIM))
    total += weight
    sum += weight * v[slot * width + head * DIM + channel]
  }
  return sum / total
}

test('every type of V that this CPU multiplies exactly gives the same bits', async () => {
  assert.ok(types.length > 0)
  for (const type of types) assert.equal(await attend(q, k, v, sees, type), await attend(q, k, v, sees))
})

test('is softmax attention up to the rounding of its probabilities', async () => {
  const out = await attend(q, k, v, sees)
  out.forEach((value, i) => {
    const off = Math.abs(value - 128 - expected(Math.floor(i / DIM) % ROWS, Math.floor(i / (ROWS * DIM)), i % DIM))
    assert.ok(off < 2.5, `entry ${i} is off by ${off}`)
  })
})

test('gives the same bits with its slots in another order, and with more slots, unseen, that hold NaN', async () => {
  const slots = 57
  const place = Array.from({ length: 40 }, (_, slot) => (slot * 17 + 5) % slots)
  const [k2, v2, sees2] = [
    new Float32Array(slots * width).fill(NaN),
    new Int8Array(slots * width).fill(-128),
    new Uint8Array(ROWS * slots),
  ]
  place.forEach((to, from) => {
    k2.set(k.subarray(from * width, (from + 1) * width), to * width)
    v2.set(v.subarray(from * width, (from + 1) * width), to * width)
    for (let row = 0; row < ROWS; row++) sees2[row * slots + to] = sees[row * 40 + from]
  })
  assert.equal(await attend(q, k2, v2, sees2), await attend(q, k, v, sees))
})

test('heads come in equal parts of 128 values at most', () => {
  assert.equal([64, 128, 160, 256, 258].map(partsOf), [1, 1, 2, 2, 3])
})

/** Fine attention of 32 rows and one head of 256 values over `slots` slots, of which all see the first 40. */
async function attendLarge(slots: number): Promise<Float32Array> {
  const [rows, dim, parts] = [32, 256, partsOf(256)]
  const draw = seeded(5)
  const normal = (length: number): Float32Array => Float32Array.from({ length }, () => 4 * draw() - 2)
  const [q, seen, values] = [normal(rows * dim), normal(40 * dim), normal(40 * dim)]
  const k = new Float32Array(slots * dim)
  const v = new Int8Array(slots * dim)
  k.set(seen)
  v.set(values.map((value) => 50 * value))
  const stored = types[0] === 'uint8' ? Uint8Array.from(v, (value) => value + 128) : v
  const g = new GraphBuilder('attention')
  const result = exactAttention(g, {
    q: g.input('q', 'float32', [rows, parts, dim / parts]),
    k: g.input('k', 'float32', ['S', parts, dim / parts]),
    v: g.input('v', types[0], ['S', 1, dim]),
    sees: g.input('sees', 'bool', [1, rows, 'S']),
    ones: g.input('ones', types[0], ['S', 1]),
    middles: g.input('middles', 'uint8', [1, rows, 1]),
    parts: { count: parts, shape: g.constant('int64', [-1, parts, rows, slots]) },
    fine: true,
    integers: types[0],
    stacked: false,
    headDim: dim,
    scale: 1 / Math.sqrt(dim),
    cap: null,
    step: null,
  })
  g.output(result, 'float32', [1, rows, dim])
  const session = await InferenceSession.create(g.encode())
  const ones = new Int8Array(slots).fill(1)
  const out = await session.run({
    q: new Tensor('float32', q, [rows, parts, dim / parts]),
    k: new Tensor('float32', k, [slots, parts, dim / parts]),
    v: tensor(stored, [slots, 1, dim]),
    sees: new Tensor(
      'bool',
      Uint8Array.from({ length: rows * slots }, (_, i) => (i % slots < 40 ? 1 : 0)),
      [1, rows, slots],
    ),
    ones: tensor(types[0] === 'uint8' ? Uint8Array.from(ones) : ones, [slots, 1]),
    ...(session.inputNames.includes('middles') && {
      middles: new Tensor('uint8', new Uint8Array(rows).fill(128), [1, rows, 1]),
    }),
  })
  await session.release()
  return out[result].data as Float32Array
}

// ONNX Runtime parts a sum of 256 terms in one way up to 64 slots, and in another beyond.
test('a head of more than 128 values gives the same bits in few slots and in many', async () => {
  const few = await attendLarge(40)
  for (const slots of [64, 65, 130, 300]) assert.equal(await attendLarge(slots), few, `${slots} slots`)
})

test('a row that sees nothing changes no other row', async () => {
  const blind = await attend(
    q,
    k,
    v,
    sees.map((one, i) => (i < 40 ? 0 : one)),
  )
  const all = await attend(q, k, v, sees)
  const others = (out: Uint8Array): number[] => [...out].filter((_, i) => Math.floor(i / DIM) % ROWS !== 0)
  assert.equal(others(blind), others(all))
})

test.run()
