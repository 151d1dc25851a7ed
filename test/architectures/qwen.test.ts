/** What sets Qwen 2 and 3 apart from a Llama. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { qwen2, qwen3 } from '../../src/architectures/qwen.js'
import { reader, tinyConfig } from '../support/families.js'

const windowed = { ...tinyConfig, use_sliding_window: true, sliding_window: 5, max_window_layers: 1 }
const windows = (config: Record<string, unknown>): (number | null)[] =>
  qwen2.spec(reader(config)).layers.map(({ attention }) => attention.window)

test('Qwen 2 always has biases on q, k, v; Qwen 3 where its configuration says so', () => {
  assert.equal(qwen2.spec(reader({ ...tinyConfig, attention_bias: false })).layers[1].biases, ['qkv'])
  assert.equal(qwen3.spec(reader(tinyConfig)).layers[1].biases, [])
  assert.equal(qwen3.spec(reader({ ...tinyConfig, attention_bias: true })).layers[1].biases, ['qkv', 'o'])
})

test('Qwen 3 norms each head of q and k', () => {
  assert.equal(qwen3.spec(reader(tinyConfig)).layers[0].attention.qkNorm, { epsilon: 1e-5, over: 'head' })
  assert.is(qwen2.spec(reader(tinyConfig)).layers[0].attention.qkNorm, null)
})

test('a window that is stated but not used is none', () => {
  assert.equal(windows({ ...windowed, use_sliding_window: false }), [null, null])
  assert.equal(windows({ ...windowed, use_sliding_window: undefined }), [null, null])
})

test('layers from max_window_layers on see the window', () => {
  assert.equal(windows(windowed), [null, 5])
  assert.equal(windows({ ...windowed, max_window_layers: undefined }), [null, null])
})

test.run()
