/** Outputs of layers in a graph; `test/import/write-projection.test.ts` runs such graphs. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { floatLinears } from '../../src/formats/fp32.js'
import { Taps, type StoredProjection } from '../../src/graph/projection.js'
import { GraphBuilder, type WeightRef } from '../../src/onnx/graph-builder.js'

const ref = (name: string): WeightRef => ({ name, type: 'float32', dims: [4, 3], file: 'w', offset: 0, bytes: 48 })
const linears = [0, 1].map((tap) => ({
  kind: floatLinears,
  inputs: 4,
  tensors: { weight: ref(`p${tap}`) },
  numbers: {},
}))
const projection: StoredProjection = { taps: [-1, 1], width: 3, norm: null, linears, ones: null }

test('a stream that is read has nothing pending, others are left as they are', () => {
  const g = new GraphBuilder('test')
  const taps = new Taps(g, projection)
  const [first, second] = [
    { sum: 'x', branch: null },
    { sum: 'y', branch: 'z' },
  ]
  assert.equal(taps.after(-1, first), first)
  assert.is(taps.after(0, second), second)
  const { sum, branch } = taps.after(1, second)
  assert.is(branch, null)
  assert.match(sum, /^Add_/)
})

test('without a projection nothing is read and nothing written', () => {
  const g = new GraphBuilder('test')
  const taps = new Taps(g, undefined)
  const stream = { sum: 'y', branch: 'z' }
  assert.is(taps.after(1, stream), stream)
  taps.project(new Map())
  assert.is(g.size, 0)
})

test('the output is called hidden', () => {
  const g = new GraphBuilder('test')
  const taps = new Taps(g, projection)
  taps.after(-1, { sum: 'x', branch: null })
  taps.after(1, { sum: 'y', branch: null })
  taps.project(new Map())
  const bytes = Buffer.from(g.encode())
  for (const name of ['hidden', 'p0', 'p1']) assert.ok(bytes.includes(name), name)
})

test.run()
