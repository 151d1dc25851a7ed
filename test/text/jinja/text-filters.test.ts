/** Filters of texts; the texts are those of jinja2 3.1.6. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../../src/text/jinja/template.js'

const render = (template: string): string => compile(template).render({})

function alike(cases: readonly (readonly [template: string, text: string])[]): void {
  for (const [template, text] of cases) assert.is(render(template), text, template)
}

test('other values are printed first', () => {
  alike([
    ['{{ none | upper }} {{ 1.0 | string }} {{ [1] | trim }} {{ 121 | replace(1, 3) }}', 'NONE 1.0 [1] 323'],
    ['[{{ nothing | lower }}{{ nothing | trim }}]', '[]'],
  ])
})

test('words begin after white space, hyphens and brackets', () => {
  alike([
    ['{{ "it\'s o\'clock-time (now) <x>" | title }}', "It's O'clock-Time (Now) <X>"],
    ["{{ 'hELLO wORLD' | capitalize }} {{ 'ÉCOLE' | lower }}", 'Hello world école'],
    ["{{ 'a b,c d_e 1' | wordcount }}", '5'],
  ])
})

test('lines are indented but for the first and the empty ones', () => {
  alike([
    ["{{ 'a\\n\\nb' | indent }}|{{ 'a\\nb' | indent(2, true) }}", 'a\n\n    b|  a\n  b'],
    ["{{ 'a\\n\\nb' | indent('> ', blank=true) }}", 'a\n> \n> b'],
    ["{{ 'a\\n' | indent(2) }}|", 'a\n|'],
  ])
})

test('a text is cut at a word, or where it must, if it is longer than the leeway', () => {
  alike([
    ["{{ 'one two three' | truncate(9) }} {{ 'one two three' | truncate(7) }}", 'one two three one...'],
    ["{{ 'one two three' | truncate(9, leeway=0) }}", 'one...'],
    ["{{ 'one two three' | truncate(9, true, leeway=0) }}", 'one tw...'],
    ["{{ 'one two three' | truncate(9, true, '…', 0) }}", 'one two …'],
    ["{{ 'one two' | truncate(3) }} {{ '😀😀😀😀' | truncate(2, true, '', 0) }}", 'one two 😀😀'],
  ])
})

test('parts are replaced, all or the first ones', () => {
  alike([
    ["{{ 'aaa' | replace('a', 'b', 2) }} {{ 'abc' | replace('', '-') }}", 'bba -a-b-c-'],
    ["{{ 'a$&b' | replace('$&', '$1') }}", 'a$1b'],
  ])
  assert.throws(() => render("{{ 'a' | replace('a') }}"), /missing required argument: 'new'/)
})

test('a text in the middle of a width, without its ends, or with values in it', () => {
  alike([
    ["[{{ 'ab' | center(6) }}] [{{ 'abc' | center(6) }}]", '[  ab  ] [ abc  ]'],
    ["{{ 'xxaxx' | trim('x') }} {{ ' a ' | trim }}", 'a a'],
    ["{{ '%s-%d' | format('a', 7) }} {{ '%(a)s' | format(a=1) }}", 'a-7 1'],
  ])
  assert.throws(() => render("{{ '%s' | format('a', b=1) }}"), /positional and keyword/)
  assert.throws(() => render("{{ 'a' | upper(1) }}"), /upper\(\) takes 0 arguments/)
})

test('text marked as safe stays so when it is trimmed', () => {
  alike([["{{ (' <b> ' | safe | trim) + '<' }}", '<b>&lt;']])
})

test.run()
