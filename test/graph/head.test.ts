/** From the last layer's rows to logits: which rows are normed, and what scale and cap add. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { plainSpec } from '../../src/architectures/index.js'
import { floatLinears } from '../../src/formats/fp32.js'
import { head, scaled } from '../../src/graph/head.js'
import type { ModelSpec } from '../../src/spec/model-spec.js'
import { randomShape } from '../support/random-llama.js'
import { RecordedGraph, weightRef } from '../support/recorded-graph.js'

const stored = { kind: floatLinears, inputs: 48, tensors: { weight: weightRef('head', [48, 266]) }, numbers: {} }
const weights = { finalNorm: weightRef('norm', [48]), head: stored }
const emitted = (changes: Partial<ModelSpec>, hidden = false, half = false): RecordedGraph => {
  const g = new RecordedGraph()
  head(g, { ...plainSpec(randomShape), ...changes }, weights, { sum: 'x', branch: 'b' }, 'rows', { hidden, half })
  return g
}

test('where branches are float16 its product is too, and logits are float32', () => {
  const { nodes } = emitted({}, false, true)
  const types = nodes.map(({ type }) => type)
  assert.equal(types.slice(types.indexOf('Squeeze')), ['Squeeze', 'Cast', 'MatMul', 'Cast'])
  assert.equal(nodes[nodes.length - 1].outputs, ['logits'])
})

test('a factor of 1 leaves a value as it is', () => {
  const g = new RecordedGraph()
  assert.is(scaled(g, 'x', 1), 'x')
  assert.is(g.size, 0)
  assert.equal(g.constants.get(g.maker(scaled(g, 'x', 6.5))!.inputs[1]), [6.5])
})

test('the norm works for wanted rows alone, of the sum and of the branch', () => {
  const g = emitted({})
  assert.equal(g.types, ['Gather', 'Gather', 'Add', 'SimplifiedLayerNormalization', 'Squeeze', 'MatMul'])
  assert.equal([...g.outputs.keys()], ['logits'])
})

test('where the last norm is an output, it works for all rows and the wanted ones are picked from it', () => {
  const g = emitted({}, true)
  assert.equal(g.types, ['Add', 'SimplifiedLayerNormalization', 'Gather', 'Squeeze', 'MatMul'])
  assert.equal(g.outputs.get('hidden')?.dims, [1, 'N', 48])
  assert.equal(g.maker(g.maker('logits')!.inputs[0])?.type, 'Squeeze')
})

test('logits are scaled, and capped as cap * tanh(logit / cap)', () => {
  const factor = (g: RecordedGraph, at: number): readonly number[] | undefined => g.constants.get(g.nodes[at].inputs[1])
  const scale = emitted({ logitScale: 0.25 })
  assert.equal(scale.types.slice(5), ['MatMul', 'Mul'])
  assert.equal(factor(scale, 6), [0.25])
  const capped = emitted({ logitScale: 0.5, logitCap: 4 })
  assert.equal(capped.types.slice(5), ['MatMul', 'Mul', 'Tanh', 'Mul'])
  assert.equal([factor(capped, 6), factor(capped, 8)], [[0.125], [4]])
  assert.is(capped.maker('logits')?.type, 'Mul')
})

test.run()
