/** Which layers see a window. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readWindows } from '../../src/architectures/windows.js'
import { reader } from '../support/families.js'

const isEven = (layer: number): boolean => layer % 2 === 0
const read = (config: Record<string, unknown>, usual?: number): (number | null)[] =>
  readWindows(reader(config), 3, isEven, usual)

test('a family says which layers are local, the configuration how far they see', () => {
  assert.equal(read({ sliding_window: 8 }), [8, null, 8])
  assert.equal(read({}, 4), [4, null, 4])
})

test('without a width, or with null for one, every layer sees all', () => {
  assert.equal(read({}), [null, null, null])
  assert.equal(read({ sliding_window: null }), [null, null, null])
})

test('a configuration that lists its layers is believed', () => {
  const layer_types = ['full_attention', 'sliding_attention', 'full_attention']
  assert.equal(read({ sliding_window: 8, layer_types }), [null, 8, null])
})

test('lists that are short or name other kinds of attention are refused', () => {
  assert.throws(() => read({ sliding_window: 8, layer_types: ['full_attention'] }), /1 "layer_types" for 3 layers/)
  const layer_types = ['full_attention', 'linear_attention', 'full_attention']
  assert.throws(() => read({ sliding_window: 8, layer_types }), /"linear_attention".*"full_attention"/)
})

test.run()
