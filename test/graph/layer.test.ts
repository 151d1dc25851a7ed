/** How a layer is put together of norms, attention and MLP, as its spec says. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { layerTensorsOf, passOf } from './support/recorded-layer.js'
import { plainSpec } from '../../src/architectures/index.js'
import { emitLayer } from '../../src/graph/layer.js'
import type { LayerSpec } from '../../src/spec/model-spec.js'
import { randomShape } from '../support/random-llama.js'
import { RecordedGraph } from '../support/recorded-graph.js'

const [plain] = plainSpec(randomShape).layers
const norm = { epsilon: 1e-6 }
const caches = { k: 'k', kType: 'float32' as const, v: 'v', kOut: 'k_out', vOut: 'v_out' }

function emitted(layer: LayerSpec): { g: RecordedGraph } & ReturnType<typeof emitLayer> {
  const g = new RecordedGraph()
  const pass = passOf(g, layer)
  return { g, ...emitLayer(g, layer, pass, layerTensorsOf(layer), caches, { sum: 'x', branch: null }) }
}

const norms = (g: RecordedGraph): string[] =>
  g.nodes.flatMap(({ type, inputs }) => (type === 'SimplifiedLayerNormalization' ? [inputs[1]] : []))

test('a plain layer norms what attention and MLP read, and leaves the MLP as the branch to add', () => {
  const { g, stream, taps } = emitted(plain)
  assert.equal(norms(g), ['norm.attention', 'norm.mlp'])
  assert.equal(g.maker(taps.qkv)?.inputs, ['x', 'norm.attention'])
  const [attended, before] = g.maker(stream.sum)!.inputs
  assert.is(before, 'x')
  assert.equal(g.maker(attended)?.inputs, [taps.o, 'o'])
  assert.equal(g.maker(stream.branch!)?.inputs, [taps.down, 'down'])
})

test('norms after branches stand before their sum, and without others branches read the stream itself', () => {
  const { g, stream, taps } = emitted({
    ...plain,
    norms: { attention: null, afterAttention: norm, mlp: null, afterMlp: norm },
  })
  assert.equal(norms(g), ['norm.afterAttention', 'norm.afterMlp'])
  assert.is(taps.qkv, 'x')
  assert.is(taps.gateUp, stream.sum)
  assert.equal(g.maker(stream.branch!)?.inputs[1], 'norm.afterMlp')
})

test('what a branch adds is scaled where the layer says so', () => {
  const { g, stream } = emitted({ ...plain, residualScale: 0.5 })
  for (const added of [stream.branch!, g.maker(stream.sum)!.inputs[0]]) {
    const { type, inputs } = g.maker(added)!
    assert.is(type, 'Mul')
    assert.equal(g.constants.get(inputs[1]), [0.5])
  }
})

test.run()
