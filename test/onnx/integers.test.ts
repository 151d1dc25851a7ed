/** Steps and zero points as graphs have them. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { MIDDLE, stepValue, zeroPoint } from '../../src/onnx/integers.js'
import { RecordedGraph } from '../support/recorded-graph.js'

test('a step that is known is a constant of the graph, one that is not is the value that brings it', () => {
  const g = new RecordedGraph()
  assert.equal(g.constants.get(stepValue(g, 0.25)), [0.25])
  assert.is(stepValue(g, { value: 'qkv.step' }), 'qkv.step')
})

test('zero is 0 in signed integers and 128 in unsigned ones', () => {
  const g = new RecordedGraph()
  assert.equal(g.constants.get(zeroPoint(g, 'int8')), [0])
  assert.equal(g.constants.get(zeroPoint(g, 'uint8')), [128])
  assert.is(MIDDLE, 128)
})

test.run()
