/** Statements of a template as they are parsed. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from '../../../src/text/jinja/parser.js'
import type { Body, Statement } from '../../../src/text/jinja/syntax.js'

const only = (source: string): Statement => {
  const body = parse(source)
  assert.is(body.length, 1, source)
  return body[0]
}
const text = (words: string): Body => [{ type: 'data', text: words }]
const name = (of: string): { type: 'name'; name: string } => ({ type: 'name', name: of })

test('conditions have branches in order, and one for all else', () => {
  assert.equal(only('{% if a %}1{% elif b %}2{% else %}3{% endif %}'), {
    type: 'if',
    branches: [
      { test: name('a'), body: text('1') },
      { test: name('b'), body: text('2') },
    ],
    otherwise: text('3'),
  })
})

test('loops have names, a condition, a mark and a body for no items', () => {
  assert.equal(only('{% for k, (v, w) in x if k recursive %}1{% else %}2{% endfor %}'), {
    type: 'for',
    target: { type: 'tuple', items: [name('k'), { type: 'tuple', items: [name('v'), name('w')] }] },
    over: name('x'),
    test: name('k'),
    recursive: true,
    body: text('1'),
    otherwise: text('2'),
  })
  assert.equal(parse('{% break %}{% continue %}'), [{ type: 'break' }, { type: 'continue' }])
})

test('values are given to names, to members of a namespace, or captured from a block', () => {
  assert.equal(only('{% set a = b %}'), { type: 'set', target: name('a'), value: name('b') })
  assert.equal(only('{% set n.a = b %}'), {
    type: 'set',
    target: { type: 'member', namespace: 'n', name: 'a' },
    value: name('b'),
  })
  const captured = only('{% set a | upper %}x{% endset %}')
  assert.ok(captured.type === 'capture' && captured.filters[0].name === 'upper')
})

test('macros, calls, filters and blocks of variables hold their bodies', () => {
  const macro = only('{% macro m(a, b=c) %}x{% endmacro %}')
  assert.equal(macro, {
    type: 'macro',
    name: 'm',
    parameters: [
      { name: 'a', fallback: null },
      { name: 'b', fallback: name('c') },
    ],
    body: text('x'),
  })
  const call = only('{% call(a) m(1) %}x{% endcall %}')
  assert.ok(call.type === 'call' && call.parameters[0].name === 'a' && call.call.type === 'call')
  assert.is(only('{% filter upper %}x{% endfilter %}').type, 'filter')
  assert.equal(only('{% with a = b, c = d %}x{% endwith %}'), {
    type: 'with',
    sets: [
      { target: name('a'), value: name('b') },
      { target: name('c'), value: name('d') },
    ],
    body: text('x'),
  })
  assert.equal(only('{% generation %}x{% endgeneration %}'), { type: 'scope', body: text('x') })
})

test('what is no template is refused by line and by what was expected', () => {
  const cases: [string, RegExp][] = [
    ['a\n{% nosuch %}', /line 2.*the tag \{% nosuch %\} is not known/],
    ["{% include 'x' %}", /the tag \{% include %\} is not known/],
    ['{% if a %}', /at its end: expected \{% endif %\}/],
    ['{% for a in b %}{% else %}', /expected \{% endfor %\}/],
    ['{% endif %}', /the tag \{% endif %\} is not known/],
    ['{% for 1 in b %}{% endfor %}', /values can be given to names only/],
    ['{% set = 1 %}', /expected a name/],
    ['{% set a.b.c = 1 %}', /line 1/],
    ['{% macro m(a=1, b) %}{% endmacro %}', /a parameter without default after one with/],
    ['{% call m %}{% endcall %}', /expected a call/],
    ['{% if %}{% endif %}', /expected an expression/],
    ['{{ a b }}', /expected printed/],
  ]
  for (const [source, words] of cases) assert.throws(() => parse(source), words)
})

test.run()
