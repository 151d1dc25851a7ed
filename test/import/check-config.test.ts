/** What the graph cannot express is refused before any work is done. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { plainSpec, withAttention, withLayers } from '../../src/architectures/index.js'
import type { Checkpoint } from '../../src/checkpoint/checkpoint.js'
import { checkConfig } from '../../src/import/check-config.js'
import { ModelError } from '../../src/spec/errors.js'
import type { AttentionSpec } from '../../src/spec/model-spec.js'
import { randomLlama, randomModel, randomShape } from '../support/random-llama.js'

const changed = (change: (layer: number) => Partial<AttentionSpec>): Checkpoint =>
  randomModel(withLayers(plainSpec(randomShape), (layer, i) => withAttention(layer, change(i))))

function refusal(checkpoint: Checkpoint): string {
  try {
    checkConfig(checkpoint)
  } catch (error) {
    assert.instance(error, ModelError)
    return (error as ModelError).message
  }
  return assert.unreachable('it was taken') as never
}

test('a model whose parts fit is taken, whatever its heads and rotary embedding', () => {
  checkConfig(randomLlama())
  checkConfig(randomLlama({ kvHeads: 6, tied: true }))
  checkConfig(changed(() => ({ rope: null })))
  checkConfig(changed(() => ({ rope: { theta: 500, dims: 4, scaling: null } })))
})

test('sizes that are no whole numbers of at least 1 are named', () => {
  assert.match(refusal(randomLlama({ inner: 0 })), /inner is 0; expected a whole number/)
  assert.match(refusal(randomLlama({ headDim: 7.5 })), /headDim is 7\.5/)
  assert.match(refusal(randomLlama({ layers: 0 })), /layers is 0/)
})

test('heads have to share K/V heads evenly, and layers keep as much of K as the first', () => {
  assert.match(refusal(changed(() => ({ kvHeads: 4 }))), /6 query heads cannot share 4 K\/V heads/)
  assert.match(refusal(changed((layer) => ({ kvHeads: layer + 1 }))), /layer 1 keeps 16 values of K a token, layer 0 8/)
})

test('a rotary embedding turns pairs within a head', () => {
  const turning = (dims: number): string => refusal(changed(() => ({ rope: { theta: 500, dims, scaling: null } })))
  assert.match(turning(5), /turns 5 of 8 values/)
  assert.match(turning(10), /turns 10 of 8 values/)
})

test('tensors have to be there, in the shape that the configuration asks for', () => {
  const whole = randomLlama()
  const name = 'model.layers.1.mlp.up_proj.weight'
  assert.match(refusal({ ...whole, has: (one) => one !== name }), new RegExp(`tensor ${name} is missing`))
  const shape = (one: string): number[] => (one === name ? [48, 80] : whole.shape(one))
  assert.match(refusal({ ...whole, shape }), /up_proj\.weight is \[48, 80\]; the configuration asks for \[80, 48\]/)
})

test.run()
