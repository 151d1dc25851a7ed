/** Which models one graph serves layer by layer, and what its graphs take from outside. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { plainSpec, withAttention, withLayers } from '../../src/architectures/index.js'
import type { StoredLinear } from '../../src/formats/linear.js'
import { floatTable } from '../../src/formats/fp32.js'
import { integerLinears } from '../../src/formats/w8a8/linears.js'
import type { ModelWeights } from '../../src/graph/model-graph.js'
import {
  isStreamable,
  LINEAR_NAMES,
  streamedHeadGraph,
  streamedLayerGraph,
  uploadGraph,
} from '../../src/graph/streamed-graph.js'
import { byRole, ropesOf } from '../../src/spec/model-spec.js'
import { randomShape } from '../support/random-llama.js'
import { weightRef } from '../support/recorded-graph.js'

const spec = plainSpec(randomShape)
const stored = (name: string, inputs: number, outputs: number): StoredLinear => ({
  kind: integerLinears,
  inputs,
  tensors: { weight: weightRef(name, [inputs, outputs], 'int8'), scale: weightRef(`${name}.scale`, [outputs]) },
  numbers: { step: 0.1 },
})
const region = { offset: 0, bytes: 0, crc32: 0 }
const weights: ModelWeights = {
  embedding: { rows: weightRef('embedding'), kind: floatTable, region },
  layers: spec.layers.map((layer, i) => ({
    ...byRole(layer, ({ role, inputs, outputs }) => stored(`layer${i}.${role}`, inputs, outputs)),
    norms: {},
    biases: {},
    region,
  })),
  finalNorm: weightRef('norm', [48]),
  head: stored('head', 48, 266),
  rotary: ropesOf(spec).map(() => ({ cos: weightRef('cos', [512, 4]), sin: weightRef('sin', [512, 4]) })),
  integers: 'int8',
}
/** Names stand in a graph's bytes as they are. */
const has = (graph: Uint8Array, name: string): boolean => Buffer.from(graph).includes(name)

test('layers that are alike and have linear weights alone are streamed by one graph', () => {
  assert.ok(isStreamable(spec))
  assert.ok(isStreamable(JSON.parse(JSON.stringify(spec)) as typeof spec), 'alike by value')
})

test('layers that differ, have biases or norms of q and k, or are not folded are not', () => {
  assert.not(isStreamable(withLayers(spec, (layer, i) => withAttention(layer, { window: i === 0 ? 4 : null }))))
  assert.not(isStreamable(withLayers(spec, (layer) => ({ ...layer, biases: ['qkv'] }))))
  const qkNorm = { epsilon: 1e-6, over: 'head' } as const
  assert.not(isStreamable(withLayers(spec, (layer) => withAttention(layer, { qkNorm }))))
  assert.not(isStreamable({ ...spec, rotates: false }))
})

test("a layer's graph takes its linear weights and steps as inputs and refers to none of them", () => {
  const graph = streamedLayerGraph(spec, weights, { grouped: false })
  for (const name of Object.values(LINEAR_NAMES))
    for (const input of [name, `${name}.scale`, `${name}.step`]) assert.ok(has(graph, input), input)
  assert.not(has(graph, 'layer0.'))
  assert.ok(has(graph, 'x_out') && has(graph, 'cos'))
})

test('the graph for several sequences is another one, for it groups rows', () => {
  assert.not(has(streamedLayerGraph(spec, weights, { grouped: false }), 'group_rows'))
  assert.ok(has(streamedLayerGraph(spec, weights, { grouped: true }), 'group_rows'))
})

test('the head refers to its weights, and gives what it reads where that is wanted', () => {
  const graph = streamedHeadGraph(spec, weights, { hidden: false })
  assert.ok(has(graph, 'head.scale') && has(graph, 'logits'))
  assert.not(has(graph, 'hidden'))
  assert.ok(has(streamedHeadGraph(spec, weights, { hidden: true }), 'hidden'))
})

test('the graph of copies takes every tensor of a layer and gives it under another name', () => {
  const graph = uploadGraph(weights)
  for (const name of Object.values(LINEAR_NAMES)) assert.ok(has(graph, `copy.${name}.scale`), name)
})

test.run()
