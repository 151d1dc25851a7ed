import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { calibrationTexts } from '../../src/import/calibration-texts.js'
import { plainSpec, type PlainShape } from '../../src/architectures/index.js'
import { randomLlama, randomShape } from '../support/random-llama.js'

const texts = (chatTemplate: string | null): number[][] =>
  calibrationTexts({ ...randomLlama(), chatTemplate }).map((tokens) => [...tokens])

test('conversations are rendered by the template', () => {
  const rendered = texts("{% for m in messages %}{{ m.role + ': ' + m.content }}{% endfor %}")
  assert.not.equal(rendered, texts(null))
})

test('a template that cannot be read, or refuses a conversation, leaves plain texts', () => {
  assert.equal(texts('{% for %}'), texts(null))
  const wantsSystem = "{% if messages[0].role != 'system' %}{{ raise_exception('no system turn') }}{% endif %}"
  assert.equal(texts(`${wantsSystem}`).length, texts(null).length)
})

test('texts of models with wide layers are half as long', () => {
  const longest = (changes: Partial<PlainShape>): number => {
    const spec = plainSpec({ ...randomShape, maxPositions: 2048, ...changes })
    return Math.max(...calibrationTexts({ ...randomLlama(), spec }).map((text) => text.length))
  }
  assert.equal([longest({}), longest({ hidden: 2048, inner: 5632 }), longest({ maxPositions: 20 })], [96, 48, 20])
})

test.run()
