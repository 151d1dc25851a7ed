/** Where a model's layers lie for who streams them. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { plainSpec } from '../../src/architectures/index.js'
import type { StoredLinear } from '../../src/formats/linear.js'
import { integerLinears } from '../../src/formats/w8a8/linears.js'
import { integerTable } from '../../src/formats/w8a8/table.js'
import type { ModelWeights } from '../../src/graph/model-graph.js'
import { streamedFiles, tableOf } from '../../src/import/streamed-files.js'
import type { StreamedLayout } from '../../src/runtime/streamed/layout.js'
import { byRole, ropesOf } from '../../src/spec/model-spec.js'
import { randomShape } from '../support/random-llama.js'
import { weightRef } from '../support/recorded-graph.js'

const spec = plainSpec(randomShape)
const PAGE = 4096

/** Its weight at `offset` and its steps a page on. */
const stored = (name: string, offset: number, step: number): StoredLinear => ({
  kind: integerLinears,
  inputs: 48,
  tensors: {
    weight: { ...weightRef(name, [48, 48], 'int8'), offset },
    scale: { ...weightRef(`${name}.scale`, [48]), offset: offset + PAGE },
  },
  numbers: { step },
})

// Layer i lies from page 100 (i + 1) on, its linear layers two pages apart.
const weights: ModelWeights = {
  embedding: {
    rows: { ...weightRef('embedding', [266, 48], 'int8'), offset: 8 * PAGE },
    scale: { ...weightRef('embedding.scale', [266, 1]), offset: 12 * PAGE },
    kind: integerTable,
    region: { offset: 8 * PAGE, bytes: 5 * PAGE, crc32: 7 },
  },
  layers: spec.layers.map((layer, i) => {
    const offset = 100 * (i + 1) * PAGE
    let next = offset - 2 * PAGE
    return {
      ...byRole(layer, ({ role }) => stored(`l${i}.${role}`, (next += 2 * PAGE), i + 0.5)),
      norms: {},
      biases: {},
      region: { offset, bytes: 8 * PAGE, crc32: 40 + i },
    }
  }),
  finalNorm: { ...weightRef('norm', [48]), offset: PAGE },
  head: stored('head', 400 * PAGE, 0.1),
  rotary: ropesOf(spec).map(() => ({ cos: weightRef('cos', [512, 4]), sin: weightRef('sin', [512, 4]) })),
  integers: 'int8',
}
const files = streamedFiles(spec, weights, { hidden: false, copies: false })
const layout = files['streamed.layout'] as StreamedLayout

test("a layer's tensors are placed within the layer, by the names of the graph's inputs", () => {
  assert.is(layout.layerBytes, 8 * PAGE)
  assert.equal(
    layout.tensors.map(({ name, at }) => [name, at / PAGE]),
    [
      ['qkv', 0],
      ['qkv.scale', 1],
      ['o', 2],
      ['o.scale', 3],
      ['gate_up', 4],
      ['gate_up.scale', 5],
      ['down', 6],
      ['down.scale', 7],
    ],
  )
})

test('each layer has its place, its checksum and its own steps', () => {
  assert.equal(layout.stepNames, ['qkv.step', 'o.step', 'gate_up.step', 'down.step'])
  assert.equal(layout.layers[1], { offset: 200 * PAGE, crc32: 41, steps: [1.5, 1.5, 1.5, 1.5] })
})

test("norms, rotary tables and the head's small tensors stay in memory; the head's weight does not", () => {
  assert.equal(
    layout.kept.layer.map(({ name }) => name),
    ['norm', 'cos', 'sin'],
  )
  assert.equal(
    layout.kept.head.map(({ name, at }) => [name, at / PAGE]),
    [
      ['norm', 1],
      ['head.scale', 401],
    ],
  )
})

test('a table lies from its first row on, with steps only where it has some', () => {
  assert.equal(tableOf(weights.embedding), { rows: 8 * PAGE, scale: 12 * PAGE, bytes: 5 * PAGE, crc32: 7 })
  const { scale: _, ...halves } = weights.embedding
  assert.is(tableOf(halves).scale, null)
})

test('there is a graph of copies where layers compute elsewhere', () => {
  assert.not('streamed.upload' in files)
  assert.ok('streamed.upload' in streamedFiles(spec, weights, { hidden: false, copies: true }))
})

test.run()
