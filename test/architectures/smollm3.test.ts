/** Which layers of a SmolLM3 have a rotary embedding, and when its window counts. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { smollm3 } from '../../src/architectures/smollm3.js'
import type { AttentionSpec } from '../../src/spec/model-spec.js'
import { reader, tinyConfig } from '../support/families.js'

const attentions = (config: Record<string, unknown>): AttentionSpec[] =>
  smollm3.spec(reader({ ...tinyConfig, num_hidden_layers: 5, ...config })).layers.map(({ attention }) => attention)
const rotates = (config: Record<string, unknown>): boolean[] => attentions(config).map(({ rope }) => rope !== null)

test('every fourth layer has none, or every so many as the configuration says', () => {
  assert.equal(rotates({}), [true, true, true, false, true])
  assert.equal(rotates({ no_rope_layer_interval: 2 }), [true, false, true, false, true])
})

test('a list of layers is believed: 1 is for those that rotate', () => {
  assert.equal(rotates({ no_rope_layers: [0, 1, 1, 0, 1] }), [false, true, true, false, true])
  assert.throws(() => rotates({ no_rope_layers: [1, 0] }), /lists 2 "no_rope_layers" for 5 layers/)
})

test('a window counts only where the configuration uses it', () => {
  const window = (use_sliding_window: boolean): number | null =>
    attentions({ sliding_window: 6, use_sliding_window })[0].window
  assert.equal([window(true), window(false)], [6, null])
})

test.run()
