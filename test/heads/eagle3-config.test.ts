/** EAGLE-3 configurations: which are, flat or nested, and the keys that are refused by name. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isEagle3, readEagle3Config } from '../../src/heads/eagle3-config.js'
import type { RawFolder } from '../../src/checkpoint/raw.js'
import { ModelError } from '../../src/spec/errors.js'

const layer = {
  model_type: 'llama',
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 1,
  num_attention_heads: 2,
}
const flat = { ...layer, vocab_size: 16, draft_vocab_size: 3 }
const tensor = { name: 'fc.weight', shape: [8, 24], kind: undefined as never, offset: 0, bytes: 0 }

function raw(config: Record<string, unknown>): RawFolder {
  return {
    kind: 'hf',
    name: 'head',
    path: 'head',
    license: null,
    config,
    tensors: new Map([['fc.weight', tensor]]),
    read: () => Promise.reject(new Error('a configuration alone')),
    hash: () => Promise.resolve(''),
    close: () => Promise.resolve(),
  }
}

function refusal(config: Record<string, unknown>): string {
  try {
    readEagle3Config(raw(config))
  } catch (error) {
    assert.instance(error, ModelError)
    return (error as ModelError).message
  }
  throw new Error('nothing was refused')
}

test('a configuration is told by its kind, its class or its reduced vocabulary', () => {
  assert.ok(isEagle3({ speculators_model_type: 'eagle3' }))
  assert.ok(isEagle3({ architectures: ['LlamaForCausalLMEagle3'] }))
  assert.ok(isEagle3({ architectures: ['LlamaForCausalLM'], draft_vocab_size: 32000 }))
  assert.not(isEagle3({ speculators_model_type: 'dflash', draft_vocab_size: 32000 }))
  assert.not(isEagle3({ architectures: ['LlamaForCausalLM'] }))
})

test('the base of rotary frequencies is the file’s, else 10000, never the target’s', () => {
  assert.is(readEagle3Config(raw(flat)).rope.theta, 10000)
  assert.is(readEagle3Config(raw({ ...flat, rope_theta: 500000 })).rope.theta, 500000)
  assert.is(readEagle3Config(raw({ ...flat, rope_parameters: { rope_type: 'default', rope_theta: 7 } })).rope.theta, 7)
})

test('nested configurations leave out what is usual, and count what goes into layers', () => {
  const nested = {
    speculators_model_type: 'eagle3',
    norm_before_residual: true,
    eagle_aux_hidden_state_layer_ids: [1, 5, 9],
    transformer_layer_config: { num_hidden_layers: 1 },
  }
  const config = readEagle3Config(raw(nested))
  assert.equal([config.shape.hidden, config.shape.heads, config.shape.inner], [4096, 32, 11008])
  assert.equal(config.layerIds, { path: 'head/config.json', ids: [1, 5, 9], rule: 'input' })
  assert.equal([config.normBeforeResidual, config.normOutput, config.draftVocab], [true, false, null])
})

test('layer ids stand at the top or in eagle_config, and a key of ours says how they count', () => {
  const ids = { eagle_aux_hidden_state_layer_ids: [3, 4, 5] }
  assert.equal(readEagle3Config(raw({ ...flat, eagle_config: ids })).layerIds.ids, [3, 4, 5])
  assert.is(readEagle3Config(raw({ ...flat, ...ids })).layerIds.rule, null)
  assert.is(readEagle3Config(raw({ ...flat, ...ids, sequoia_layer_rule: 'output' })).layerIds.rule, 'output')
  assert.match(refusal({ ...flat, ...ids, sequoia_layer_rule: 'both' }), /"both" as "sequoia_layer_rule"/)
  assert.match(refusal({ ...flat, eagle_aux_hidden_state_layer_ids: 'all' }), /"eagle_aux_hidden_state_layer_ids"/)
})

test('what this reader cannot do is refused by its key', () => {
  assert.match(refusal({ ...flat, eagle_config: { use_aux_hidden_state: false } }), /"use_aux_hidden_state": false/)
  assert.match(refusal({ ...flat, layer_types: ['sliding_attention'] }), /layer of type "sliding_attention"/)
  assert.match(refusal({ ...flat, hidden_act: 'relu' }), /activation "relu"/)
  assert.match(refusal({ ...flat, norm_output: 'yes' }), /"yes" as "norm_output"/)
  assert.match(refusal({ ...flat, hidden_size: undefined }), /"hidden_size"/)
})

test.run()
