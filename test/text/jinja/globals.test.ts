/** Functions that every template can call; the texts are those of jinja2 3.1.6. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../../src/text/jinja/template.js'

const render = (template: string): string => compile(template).render({}, new Date(2026, 2, 5))

function alike(cases: readonly (readonly [template: string, text: string])[]): void {
  for (const [template, text] of cases) assert.is(render(template), text, template)
}

test('ranges count from a start to before a stop, 100,000 numbers at most', () => {
  alike([
    ['{{ range(3) | list }} {{ range(1, 7, 2) | list }} {{ range(5, 0, -2) | list }}', '[0, 1, 2] [1, 3, 5] [5, 3, 1]'],
    ['{{ range(3, 1) | list }} {{ range(100000) | length }}', '[] 100000'],
  ])
  assert.throws(() => render('{{ range(100001) }}'), /Range too big/)
  assert.throws(() => render('{{ range(0, 5, 0) }}'), /must not be zero/)
  assert.throws(() => render('{{ range() }}'), /1 to 3 arguments/)
  assert.throws(() => render('{{ range(1.5) }}'), /'float' object cannot be interpreted/)
})

test('dicts are made of names, of dicts and of pairs', () => {
  alike([
    ["{{ dict(a=1, b='x') }} {{ dict({'z': 1}, y=2) }}", "{'a': 1, 'b': 'x'} {'z': 1, 'y': 2}"],
    ["{{ dict([('k', 'v'), [1, 2]]) }} {{ dict() }}", "{'k': 'v', 1: 2} {}"],
  ])
  assert.throws(() => render('{{ dict([1]) }}'), /pairs of a key and a value/)
})

test('a namespace is changed from inside a loop, nothing else is', () => {
  alike([
    ['{% set ns = namespace(n=0) %}{% for x in [1, 2] %}{% set ns.n = ns.n + x %}{% endfor %}{{ ns.n }}', '3'],
    ['{% set ns = namespace() %}[{{ ns.n }}]', '[]'],
  ])
  assert.throws(() => render('{% set d = dict(n=0) %}{% set d.n = 1 %}'), /non-namespace object/)
})

test('a cycler goes round, a joiner says nothing the first time', () => {
  alike([
    [
      "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.next() }}" +
        '{{ c.reset() }}{{ c.next() }}',
      'abaaNonea',
    ],
    ["{% set j = joiner('|') %}{{ j() }}x{{ j() }}y{{ j() }}", 'x|y|'],
    ['{% set j = joiner() %}{{ j() }}{{ j() }}', ', '],
  ])
  assert.throws(() => render('{{ cycler() }}'), /at least one item/)
})

test('a template can refuse its messages, and knows the date', () => {
  assert.throws(() => render("{{ raise_exception('roles ' ~ 1) }}"), /^roles 1$/)
  assert.is(render("{{ strftime_now('%d %b %Y') }}"), '05 Mar 2026')
  assert.throws(() => render('{{ strftime_now(1) }}'), /the format of strftime_now must be str, not int/)
})

test('functions have no text, and are callable', () => {
  alike([['{{ range is callable }} {{ joiner() is callable }}', 'True True']])
  assert.throws(() => render('{{ range }}'), /a value of type function has no text/)
})

test.run()
