/** Layers by the two rules that files count them by. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { layersRead, type LayerIds } from '../../src/heads/eagle3-layers.js'

const read = (ids: LayerIds['ids'], rule: LayerIds['rule'] = null) => layersRead({ path: 'c', ids, rule }, 32)

test('without ids they are the usual ones, by what goes into layers', () => {
  assert.equal(read(null), { layers: [1, 15, 28], rule: 'input' })
  assert.equal(read(null, 'output'), { layers: [1, 15, 28], rule: 'input' })
})

test('the first id tells the rule where nothing else does', () => {
  assert.equal(read([1, 15, 28]), { layers: [1, 15, 28], rule: 'output' })
  assert.equal(read([2, 16, 29]), { layers: [1, 15, 28], rule: 'input' })
  assert.throws(() => read([5, 16, 29]), /lists layers \[5, 16, 29\].*"sequoia_layer_rule": "input"/)
  assert.equal(read([5, 16, 29], 'output').layers, [5, 16, 29])
})

test('what goes into layer 0 are the embeddings, what goes into none is the last output', () => {
  assert.equal(read([0, 16, 32], 'input').layers, [-1, 15, 31])
})

test('layers that the target does not have are refused, and what are no layers', () => {
  assert.throws(() => read([1, 15, 32], 'output'), /the target has 32, so that this head is of another one/)
  assert.throws(() => read([-1, 15, 28], 'input'), /lists layers \[-1, 15, 28\]/)
  assert.throws(() => read([]), /expected whole numbers/)
  assert.throws(() => read([1.5]), /expected whole numbers/)
})

test.run()
