/** The attention branch: what is normed and turned before the cache, and how attention reads it back. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { layerTensorsOf, passOf } from './support/recorded-layer.js'
import { plainSpec, withAttention } from '../../src/architectures/index.js'
import { integerLinears } from '../../src/formats/w8a8/linears.js'
import type { LayerTensors } from '../../src/graph/branch.js'
import { selfAttention } from '../../src/graph/self-attention.js'
import type { AttentionSpec } from '../../src/spec/model-spec.js'
import { randomShape } from '../support/random-llama.js'
import { RecordedGraph, type RecordedNode } from '../support/recorded-graph.js'

const [plain] = plainSpec(randomShape).layers
const caches = { k: 'k', kType: 'float32' as const, v: 'v', kOut: 'k_out', vOut: 'v_out' }

interface Emitted extends ReturnType<typeof selfAttention> {
  g: RecordedGraph
  all(type: string): RecordedNode[]
}

function emitted(
  changes: Partial<AttentionSpec>,
  options: Parameters<typeof passOf>[2] = {},
  own: Partial<LayerTensors> = {},
): Emitted {
  const layer = withAttention(plain, changes)
  const g = new RecordedGraph()
  const pass = passOf(g, layer, options)
  const result = selfAttention(g, layer, pass, { ...layerTensorsOf(layer), ...own }, caches, 'x')
  return { ...result, g, all: (type) => g.nodes.filter((node) => node.type === type) }
}

const rounding = (step?: number): LayerTensors['o'] => ({
  kind: integerLinears,
  inputs: 48,
  type: 'int8',
  dims: [48, 48],
  tensors: { weight: 'o', scale: 'o.scale' },
  numbers: step === undefined ? {} : { step },
})

test('K and V of the rows go to their slots, and attention reads the caches, not the rows', () => {
  const { g, all } = emitted({})
  assert.equal(
    all('ScatterND').map(({ inputs, outputs }) => [inputs[0], inputs[1], outputs[0]]),
    [
      ['k', 'cache_index', 'k_out'],
      ['v', 'cache_index', 'v_out'],
    ],
  )
  const [scores] = all('FusedMatMul')
  assert.is(g.maker(scores.inputs[1])!.inputs[0], 'k_out')
})

test('q and k are turned in one go where nothing stands between, and apart where they are normed', () => {
  assert.is(emitted({}).all('RotaryEmbedding').length, 1)
  const normed = emitted({ qkNorm: { epsilon: 1e-6, over: 'head' } })
  assert.is(normed.all('RotaryEmbedding').length, 2)
  assert.is(emitted({ rope: null }).all('RotaryEmbedding').length, 0)
})

test('q and k are normed before they are turned, head by head or as a whole', () => {
  for (const over of ['head', 'all'] as const) {
    const { g, all } = emitted({ qkNorm: { epsilon: 1e-6, over } })
    const norms = all('SimplifiedLayerNormalization')
    assert.equal(
      norms.map(({ inputs }) => inputs[1]),
      ['norm.q', 'norm.k'],
    )
    assert.is(g.maker(norms[0].inputs[0])!.type, over === 'head' ? 'Reshape' : 'Split')
    const before = g.maker(all('RotaryEmbedding')[0].inputs[0])!
    assert.is(before.type, over === 'head' ? 'Reshape' : 'SimplifiedLayerNormalization')
  }
})

test('several sequences have their rows grouped for attention and put back afterwards', () => {
  const gathers = (grouped: boolean): string[] =>
    emitted({}, { grouped })
      .all('Gather')
      .map(({ inputs }) => inputs[1])
  assert.equal(gathers(false), [])
  assert.equal(gathers(true), ['group_rows', 'ungroup_rows'])
})

test('where V is whole and `o` has a static step, attention ends rounded and `o` reads that', () => {
  const { g, all, attended, projected } = emitted({}, { integers: 'int8', kinds: [] }, { o: rounding(0.05) })
  assert.is(all('Div').length, 0)
  assert.is(g.maker(projected)!.inputs[0], attended)
  assert.is(g.maker(projected)!.type, 'MatMulIntegerToFloat')
})

test('V in steps a channel is rounded by them and multiplied by them after attention', () => {
  const vSteps = { cache: 'v_steps', heads: 'head_steps' }
  const { g, all, attended } = emitted({}, { integers: 'uint8' }, { vSteps })
  const rounded = g.maker(all('ScatterND')[1].inputs[2])!
  assert.equal(rounded.inputs[1], 'v_steps')
  assert.equal(
    g.constants.get(rounded.inputs[2]),
    Array.from({ length: 16 }, () => 128),
  )
  assert.is(all('Div').length, 1)
  assert.is(g.maker(attended)!.inputs[1], 'head_steps')
})

test('a float V is kept out of the sums where no row sees its slot', () => {
  const { g, all } = emitted({})
  const [, values] = all('FusedMatMul')
  assert.is(g.maker(values.inputs[1])!.type, 'Where')
  assert.is(all('Softmax').length, 1)
})

test.run()
