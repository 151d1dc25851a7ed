/** Linear layers with and without a bias, and parting what lies side by side. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { split, withBias, type LinearTensors } from '../../src/graph/branch.js'
import { RecordedGraph } from '../support/recorded-graph.js'

const tensors = { biases: { qkv: 'qkv.bias' } } as LinearTensors

test('a bias is added where the layer has one, and nothing where it has none', () => {
  const g = new RecordedGraph()
  assert.is(withBias(g, 'x', tensors, 'down'), 'x')
  assert.is(g.size, 0)
  assert.equal(g.maker(withBias(g, 'x', tensors, 'qkv'))?.inputs, ['x', 'qkv.bias'])
})

test('the last axis is parted into widths, and parts of two splits have names of their own', () => {
  const g = new RecordedGraph()
  const [first, second] = [split(g, 'x', [64, 16]), split(g, 'y', [8, 8])]
  assert.is(new Set([...first, ...second]).size, 4)
  assert.equal(g.constants.get(g.maker(first[1])!.inputs[1]), [64, 16])
  assert.is(g.maker(first[1])!.attributes.axis, -1)
})

test.run()
