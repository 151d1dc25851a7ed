/** Configuration values out of both kinds of files. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { configReader, type Key } from '../../src/architectures/config-reader.js'
import { Metadata } from '../../src/checkpoint/gguf/metadata.js'
import type { RawCheckpoint } from '../../src/checkpoint/raw.js'

const files = {
  name: 'model',
  path: 'model',
  license: null,
  tensors: new Map(),
  read: () => Promise.reject(new Error('nothing to read')),
  hash: () => Promise.resolve(''),
  close: () => Promise.resolve(),
}
const json = configReader({
  ...files,
  kind: 'hf',
  config: { size: 8, share: 0.5, name: 'x', isOn: true, list: [1, 2], absent: null, nested: { size: 9 } },
})
const gguf = configReader({
  ...files,
  kind: 'gguf',
  metadata: new Metadata('model', {
    'general.architecture': 'toy',
    'toy.size': 8n,
    'toy.share': 0.5,
    'toy.name': 'x',
    'toy.isOn': true,
    'toy.list': [1, 2],
  }),
} satisfies RawCheckpoint)
const both = (name: string): Key => ({ hf: name, gguf: name })

for (const read of [json, gguf]) {
  test(`values of every kind are read (${read.from})`, () => {
    assert.is(read.count(both('size')), 8)
    assert.is(read.number(both('share')), 0.5)
    assert.is(read.text(both('name')), 'x')
    assert.is(read.flag(both('isOn'), false), true)
    assert.equal(read.numbers(both('list')), [1, 2])
    assert.is(read.has(both('absent')), false)
    assert.is(read.count(both('absent'), 3), 3)
    assert.is(read.shape('none'), null)
  })

  test(`values that are missing or of another kind are refused by key and value (${read.from})`, () => {
    assert.throws(() => read.count(both('absent')), /absent/)
    assert.throws(() => read.count(both('share')), /0\.5.*share.*whole number/)
    assert.throws(() => read.number(both('name')), /"x".*name.*number/)
    assert.throws(() => read.text(both('size')), /size.*text/)
    assert.throws(() => read.flag(both('size'), true), /size.*true or false/)
    assert.throws(() => read.numbers(both('size')), /size.*list of numbers/)
  })
}

test('dots lead into objects, and of alternatives the first that is there counts', () => {
  assert.is(json.count({ hf: 'nested.size', gguf: null }), 9)
  assert.is(json.count({ hf: 'absent|nested.other|nested.size|size', gguf: null }), 9)
})

test('a kind of file that has no place for a value takes the fallback, or says where it is', () => {
  assert.is(gguf.text({ hf: 'name', gguf: null }, 'y'), 'y')
  assert.throws(() => gguf.text({ hf: 'name', gguf: null }), /"name".*checkpoint's folder/)
})

test.run()
