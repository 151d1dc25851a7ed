import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { calibrationTexts } from '../../src/import/calibration-texts.js'
import { randomLlama } from '../support/random-llama.js'

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

test('a model with norms behind branches reads plain texts behind the token that begins them', () => {
  const plain = { ...randomLlama(), chatTemplate: null, bosToken: 1 }
  const layers = plain.spec.layers.map((layer) => ({ ...layer, norms: { ...layer.norms, afterMlp: { epsilon: 1 } } }))
  const begun = calibrationTexts({ ...plain, spec: { ...plain.spec, layers } })
  const usual = calibrationTexts(plain)
  assert.ok(begun.every((text, i) => text[0] === 1 && text[1] === usual[i][0]))
  assert.ok(begun.every((text) => text.length <= plain.spec.maxPositions))
})

test.run()
