/** Llama's configurations, and how its GGUF files order q and k. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { llama, llamaSpec } from '../../src/architectures/llama.js'
import { reader, tinyConfig } from '../support/families.js'

const spec = llamaSpec(reader(tinyConfig))

test('a configuration without extras is the plain decoder', () => {
  assert.is(spec.layers.length, 2)
  for (const { biases, attention } of spec.layers) {
    assert.equal(biases, [])
    assert.is(attention.window, null)
    assert.equal(attention.rope, { theta: 10000, dims: 8, scaling: null })
  }
})

test('biases, a window and a stretched rotary embedding are in every layer', () => {
  const rope_scaling = { type: 'yarn', factor: 2 }
  const changed = llamaSpec(reader({ ...tinyConfig, attention_bias: true, sliding_window: 6, rope_scaling }))
  assert.is(changed.maxPositions, 1024)
  for (const { biases, attention } of changed.layers) {
    assert.equal(biases, ['qkv', 'o'])
    assert.is(attention.window, 6)
    assert.is(attention.rope?.scaling?.kind, 'yarn')
  }
})

test('rows of q and k are put back in order from GGUF files, and stay as they are in folders', () => {
  const reordered = (from: 'hf' | 'gguf'): string[] =>
    llama.tensors(spec, from).flatMap(({ name, order }) => (order ? [name.replace(/^model\.layers\./, '')] : []))
  assert.equal(reordered('hf'), [])
  assert.equal(
    reordered('gguf'),
    [0, 1].flatMap((layer) => ['q', 'k'].map((part) => `${layer}.self_attn.${part}_proj.weight`)),
  )
})

test.run()
