import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isDict } from '../../../src/text/jinja/values.js'
import { toValue, valueOfJson } from '../../../src/text/jinja/convert.js'
import { compile, TemplateError } from '../../../src/text/jinja/template.js'

import { rendersAlike } from '../../support/rendered.js'

interface Case {
  name: string
  template: string
  expected?: string
  error?: string
}

const fixture = readFileSync(
  new URL('../../fixtures/reference/templates/chat-constructs.json', import.meta.url),
  'utf8',
)
const cases = JSON.parse(fixture) as Case[]
const values = valueOfJson(fixture)

cases.forEach(({ name, template, expected, error }, i) => {
  test(`${name}: as jinja2 renders it for transformers`, () => {
    const given = Array.isArray(values) ? values[i] : null
    assert.ok(given !== null && isDict(given))
    const render = (): string =>
      compile(template).render(
        { messages: given.get('messages'), tools: given.get('tools'), add_generation_prompt: true },
        new Date(2026, 10, 30),
      )
    if (error === undefined) assert.is(render(), expected)
    else assert.throws(render, (thrown: unknown) => thrown instanceof TemplateError && thrown.message === error)
  })
})

// What families do, in words of ours: no system turn, turns that alternate, marks of thinking.
rendersAlike('families')

test('a template says which variables it reads, in macros and filters too', () => {
  const reading = compile("{% macro m() %}{{ 'x' | default(tools) }}{% endmacro %}")
  assert.ok(reading.reads('tools'))
  assert.not(reading.reads('documents'))
})

test('every text in the values is changed, names of members too', () => {
  const change = (text: string): string => text.toUpperCase()
  assert.is(compile('{{ v }}').render({ v: toValue({ a: ['b', 1] }, change) }), "{'A': ['B', 1]}")
})

test('what a template cannot be is refused with its line', () => {
  assert.throws(() => compile('a\n{% nosuch %}'), /line 2/)
  assert.throws(() => compile("{{ 'a' | escape }}").render({}), /no filter named 'escape' is known here/)
  assert.throws(() => compile("{{ 'a'.encode() }}").render({}), /str.encode is not known here/)
})

test('a megabyte of blanks is trimmed and split without trying every place', () => {
  const blanks = `a${' '.repeat(1_000_000)}b`
  const render = (template: string): string => compile(template).render({ blanks })
  assert.is(
    render('{{ blanks.strip() | length }} {{ blanks.split() }} {{ blanks | trim | length }}'),
    "1000002 ['a', 'b'] 1000002",
  )
})

test.run()
