import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  byRole,
  headOrder,
  linearsOf,
  packSpec,
  unpackSpec,
  type LayerSpec,
  type ModelSpec,
} from '../../src/spec/model-spec.js'
import { plainSpec } from '../../src/architectures/plain.js'
import { randomShape } from '../support/random-llama.js'

const spec = plainSpec({ ...randomShape, hidden: 48, inner: 80, heads: 6, kvHeads: 2, headDim: 16, layers: 3 })
const [layer] = spec.layers

test('the linear layers of a layer are told in the order they run, with all that q, k, v and gate, up hold', () => {
  assert.equal(
    linearsOf(layer).map(({ role, inputs, parts, norm }) => [role, inputs, parts, norm]),
    [
      ['qkv', 48, [96, 32, 32], 'attention'],
      ['o', 96, [48], null],
      ['gateUp', 48, [80, 80], 'mlp'],
      ['down', 80, [48], null],
    ],
  )
  assert.equal(
    byRole(layer, ({ outputs }) => outputs),
    { qkv: 160, o: 48, gateUp: 160, down: 48 },
  )
})

test('a layer without a norm before attention reads the stream itself, and only named layers have a bias', () => {
  const changed: LayerSpec = { ...layer, norms: { ...layer.norms, attention: null }, biases: ['qkv'] }
  assert.equal(
    linearsOf(changed).map(({ norm, bias }) => [norm, bias]),
    [
      [null, true],
      [null, false],
      ['mlp', false],
      [null, false],
    ],
  )
})

test('query heads of one K/V head stand in the graph one round apart', () => {
  assert.equal(headOrder({ heads: 6, kvHeads: 2 }), [0, 3, 1, 4, 2, 5])
  assert.equal(headOrder({ heads: 4, kvHeads: 4 }), [0, 1, 2, 3])
})

test('a stored spec has layers that are alike once, and reads back as it was', () => {
  const other: LayerSpec = { ...layer, attention: { ...layer.attention, rope: null, window: 64 } }
  const mixed: ModelSpec = { ...spec, logitCap: 30, layers: [layer, other, layer, other] }
  const packed = packSpec(mixed)
  assert.is(packed.kinds.length, 2)
  assert.equal(packed.layers, [0, 1, 0, 1])
  assert.equal(unpackSpec(JSON.parse(JSON.stringify(packed)) as typeof packed), mixed)
})

test.run()
