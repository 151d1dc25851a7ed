/** What files call tensors, and where one file tensor holds several. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { TensorSpec } from '../../src/architectures/architecture.js'
import { namedTensors, withPairsApart } from '../../src/architectures/names.js'
import { plainSpec } from '../../src/architectures/plain.js'
import { randomShape } from '../support/random-llama.js'

// q has 6 heads of 8 rows, k and v have 2 each.
const spec = plainSpec({ ...randomShape, layers: 1 })
const qkv = Object.fromEntries(['q', 'k', 'v'].map((part) => [`self_attn.${part}_proj`, 'self_attn.qkv']))
const place = (part: string, tensors = namedTensors(spec, 'hf', qkv)): TensorSpec =>
  tensors.find(({ name }) => name === `model.layers.0.self_attn.${part}_proj.weight`)!

test('a GGUF file has its blocks and names, and a family may rename one of them', () => {
  const names = namedTensors(spec, 'gguf', {}, { 'mlp.up_proj': 'ffn_wide' }).map(({ fileName }) => fileName)
  assert.equal(names.slice(0, 3), ['token_embd.weight', 'output_norm.weight', 'output.weight'])
  assert.ok(names.includes('blk.0.ffn_wide.weight') && names.includes('blk.0.ffn_norm.weight'))
  assert.not.ok(names.includes('blk.0.ffn_up.weight'))
})

test('a table for one kind of file leaves the other as it is', () => {
  assert.is(place('q', namedTensors(spec, 'gguf', qkv)).fileName, 'blk.0.attn_q.weight')
  assert.is(place('q', namedTensors(spec, 'hf', {}, qkv)).fileName, place('q').name)
})

test('tensors that a file calls alike lie in it row below row', () => {
  assert.equal(
    ['q', 'k', 'v'].map((part) => place(part).within),
    [0, 48, 64].map((firstRow) => ({ firstRow, rows: 80 })),
  )
  assert.equal([...place('k').shape], [16, 48])
  assert.is(place('o').within, undefined)
})

test('rows kept for a rotation of neighbours go to the halves of their head', () => {
  const { order } = place('k', withPairsApart(spec, namedTensors(spec, 'gguf')))
  const toRows = Array.from({ length: 16 }, (_, row) => order!(row))
  assert.equal(toRows.slice(0, 8), [0, 4, 1, 5, 2, 6, 3, 7])
  assert.equal(
    toRows.slice(8),
    toRows.slice(0, 8).map((row) => row + 8),
  )
})

test.run()
