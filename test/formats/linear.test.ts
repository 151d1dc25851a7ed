import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { asInputs, asWeights, inputsOf, linear, sharedByKind, type StoredLinear } from '../../src/formats/linear.js'
import { floatLinears } from '../../src/formats/fp32.js'
import { integerLinears } from '../../src/formats/w8a8/linears.js'
import { GraphBuilder } from '../../src/onnx/graph-builder.js'

const ref = (name: string, dims: number[]): StoredLinear['tensors']['weight'] => ({
  name,
  type: 'int8',
  dims,
  file: 'weights.bin',
  offset: 0,
  bytes: 1,
})
const stored: StoredLinear = {
  kind: integerLinears,
  inputs: 3,
  tensors: { weight: ref('l.o', [3, 2]), scale: ref('l.o.scale', [2]) },
  numbers: { step: 0.25 },
}

test("a linear layer's weight comes by its name, its other tensors and numbers by name and part", () => {
  const { tensors, numbers } = inputsOf('o', stored)
  assert.equal(
    tensors.map(({ input, ref: { name } }) => [input, name]),
    [
      ['o', 'l.o'],
      ['o.scale', 'l.o.scale'],
    ],
  )
  assert.equal(numbers, [{ part: 'step', input: 'o.step', value: 0.25 }])
})

test('as weights of a graph numbers stay numbers; as inputs they are values', () => {
  const [own, fed] = [asWeights(new GraphBuilder('a'), stored), asInputs(new GraphBuilder('b'), 'o', stored)]
  assert.equal([own.tensors.weight, own.tensors.scale, own.numbers.step], ['l.o', 'l.o.scale', 0.25])
  assert.equal([fed.tensors.weight, fed.tensors.scale, fed.numbers.step], ['o', 'o.scale', { value: 'o.step' }])
  assert.equal([own.type, own.inputs, own.kind], [fed.type, fed.inputs, fed.kind])
})

test('what a kind shares is computed once for all linear layers of a pass, and only for kinds that share', () => {
  const g = new GraphBuilder('shared')
  const shared = sharedByKind(g, [integerLinears, floatLinears, integerLinears], g.input('p', 'int64', [1, 'N']))
  assert.equal([...shared.keys()], [integerLinears])
  const before = g.size
  sharedByKind(g, [floatLinears], 'p')
  assert.is(g.size, before)
})

test('a linear layer is emitted by its kind, under the name asked for', () => {
  const g = new GraphBuilder('one')
  const x = g.input('x', 'float32', [1, 'N', 3])
  assert.is(linear(g, x, asWeights(g, stored), undefined, 'y'), 'y')
})

test.run()
