/** RMSNorm over a stream whose last branch may not have been added yet. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { addNorm, rmsNorm } from '../../src/graph/norm.js'
import { RecordedGraph } from '../support/recorded-graph.js'

const placed = { norm: { epsilon: 1e-6 }, weight: 'w' }

test('what a branch left is added before the norm, and the sum goes on without it', () => {
  const g = new RecordedGraph()
  const { stream, normed } = addNorm(g, { sum: 'x', branch: 'b' }, placed)
  assert.equal([...g.maker(stream.sum)!.inputs].sort(), ['b', 'x'])
  assert.is(stream.branch, null)
  assert.equal(g.maker(normed)!.inputs, [stream.sum, 'w'])
})

test('a stream with nothing pending is normed as it is', () => {
  const g = new RecordedGraph()
  const { stream } = addNorm(g, { sum: 'x', branch: null }, placed)
  assert.is(stream.sum, 'x')
  assert.equal(g.types, ['SimplifiedLayerNormalization'])
})

test('without a norm the branch reads the sum itself', () => {
  const g = new RecordedGraph()
  const { stream, normed } = addNorm(g, { sum: 'x', branch: 'b' }, null)
  assert.is(normed, stream.sum)
  assert.equal(g.types, ['Add'])
})

test("a norm has its layer's epsilon and the name that was asked for", () => {
  const g = new RecordedGraph()
  assert.is(rmsNorm(g, 'x', 'w', { epsilon: 1e-6 }, 'hidden'), 'hidden')
  assert.equal(g.nodes[0].attributes.epsilon, { float: 1e-6 })
})

test.run()
