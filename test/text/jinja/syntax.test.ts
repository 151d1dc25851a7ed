import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from '../../../src/text/jinja/parser.js'
import { readsName } from '../../../src/text/jinja/syntax.js'

const reads = (source: string): boolean => readsName(parse(source), 'tools')

test('a variable is read wherever its name stands in an expression', () => {
  for (const source of [
    '{{ tools }}',
    '{% if tools is defined %}{% endif %}',
    '{% for t in tools if t %}{{ t }}{% endfor %}',
    '{% macro m(a=tools) %}{% endmacro %}',
    "{% if false %}{{ 'x' | default(tools[0].name) }}{% endif %}",
    '{% set x %}{% filter replace(tools, 1) %}{% endfilter %}{% endset %}',
  ])
    assert.ok(reads(source), source)
})

test('members, filters, texts and arguments of that name are not the variable', () => {
  for (const source of ["{{ m.tools }}{{ m['tools'] }}", '{{ f(tools=1) }}', 'tools', "{{ 'tools' }}"])
    assert.not(reads(source), source)
})

test.run()
