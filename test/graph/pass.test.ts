/** What all layers of a pass share, and which inputs a graph declares for it. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { passOf } from './support/recorded-layer.js'
import { plainSpec, withAttention } from '../../src/architectures/index.js'
import { FINE_FROM, goesFar, passInputs } from '../../src/graph/pass.js'
import { randomShape } from '../support/random-llama.js'
import { RecordedGraph } from '../support/recorded-graph.js'

// 6 heads share 2 K/V heads of 8 values.
const [layer] = plainSpec(randomShape).layers
const declared = (grouped: boolean, windows?: number[]): string[] => {
  const g = new RecordedGraph()
  passInputs(g, grouped, windows)
  return [...g.inputs.keys()]
}

test('groups and positions of slots are inputs of the graphs that need them alone', () => {
  const always = ['position_ids', 'cache_index', 'mask']
  assert.equal(declared(false), always)
  assert.equal(declared(true), [...always, 'group_rows', 'ungroup_rows'])
  assert.equal(declared(false, [8]), [...always, 'slot_positions'])
})

test('the mask is spread over the heads that share a K/V head', () => {
  const g = new RecordedGraph()
  const { sees } = passOf(g, layer)
  const [spread] = g.maker(sees.get(null)!)!.inputs
  assert.equal(g.constants.get(g.maker(spread)!.inputs[1]), [1, 2, 1, 3, 1])
})

test('each window has a mask of its own: of what the mask shows, slots fewer than its width back', () => {
  const g = new RecordedGraph()
  const { sees } = passOf(g, withAttention(layer, { window: 6 }))
  assert.equal([...sees.keys()], [null, 6])
  const less = g.nodes.find(({ type }) => type === 'Less')!
  assert.equal(g.constants.get(less.inputs[1]), [6])
  const [mask, near] = g.nodes.find(({ type }) => type === 'And')!.inputs
  assert.equal([mask, near], ['mask', less.outputs[0]])
})

test('float caches are read where some row sees a slot; whole-number ones need ones and zero points', () => {
  const float = passOf(new RecordedGraph(), layer)
  assert.ok(float.live !== undefined && float.exact === undefined)
  const whole = passOf(new RecordedGraph(), layer, { integers: 'int8' })
  assert.ok(whole.live === undefined && whole.exact?.integers === 'int8')
})

test('fine probabilities go to rows far into a text, to all, or to none; a float cache has none', () => {
  const fine = (integers: 'int8' | null, at?: 'far' | 'all') => {
    const g = new RecordedGraph()
    const pass = passOf(g, layer, { integers, fine: at })
    const from = g.nodes.find(({ type }) => type === 'GreaterOrEqual')
    return { fine: pass.exact?.fine, from: from && g.constants.get(from.inputs[1]) }
  }
  assert.equal(fine('int8', 'far').from, [FINE_FROM])
  assert.is(fine('int8', 'all').fine, true)
  assert.is(fine('int8').fine, undefined)
  assert.equal(fine(null, 'far'), { fine: undefined, from: undefined })
})

test('a model goes far where it has a position at which probabilities are fine', () => {
  assert.not(goesFar({ maxPositions: FINE_FROM }))
  assert.ok(goesFar({ maxPositions: FINE_FROM + 1 }))
})

test.run()
