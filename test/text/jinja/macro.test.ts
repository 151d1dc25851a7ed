/** Macros; the texts are those of jinja2 3.1.6. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../../src/text/jinja/template.js'

const render = (template: string): string => compile(template).render({})

function alike(cases: readonly (readonly [template: string, text: string])[]): void {
  for (const [template, text] of cases) assert.is(render(template), text, template)
}

const abc = "{% macro m(a, b='B', c=a) %}[{{ a }}{{ b }}{{ c }}]{% endmacro %}"

test('arguments come by place, by name or by default, and a default sees those before it', () => {
  alike([
    [
      "{% macro m(a, b='B', c=a) %}[{{ a }}{{ b }}{{ c }}]{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(c=3, a=1) }}",
      '[1B1][121][1B3]',
    ],
    ["{% macro m(a, b='B', c=a) %}[{{ a }}{{ b }}{{ c }}]{% endmacro %}{{ m() }}{{ m(none) }}", '[B][NoneBNone]'],
  ])
  assert.throws(() => render(`${abc}{{ m(1, 2, 3, 4) }}`), /macro 'm' takes not more than 3 argument\(s\)/)
  assert.throws(() => render(`${abc}{{ m(d=4) }}`), /macro 'm' takes no keyword argument 'd'/)
  assert.throws(() => render(`${abc}{{ m(1, a=2) }}`), /got multiple values for argument 'a'/)
  assert.throws(() => render('{% macro m(a) %}{{ a.b }}{% endmacro %}{{ m() }}'), /parameter 'a' was not provided/)
})

test('a body that reads them is given what is left over', () => {
  alike([
    [
      '{% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, z=4) }}{{ m() }}',
      "1(2, 3){'z': 4}(){}",
    ],
    ['{% macro m(varargs) %}{{ varargs }}{% endmacro %}{{ m(1) }}', '1'],
  ])
})

test('a block that calls is rendered by its macro, with arguments', () => {
  alike([
    ['{% macro each(xs) %}{{ caller(xs[0]) }}{% endmacro %}{% call(x) each([1, 2]) %}<{{ x }}>{% endcall %}', '<1>'],
    ['{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}{% call m() %}{% endcall %}', 'FalseTrue'],
  ])
  assert.throws(
    () => render('{% macro m() %}x{% endmacro %}{% call m() %}{% endcall %}'),
    /no keyword argument 'caller'/,
  )
})

test('a macro has a scope of its own within the one it is written in, and can call itself', () => {
  alike([
    ['{% set x = 1 %}{% macro m() %}{{ x }}{% set x = 2 %}{{ x }}{% endmacro %}{{ m() }}{{ x }}', '121'],
    ['{% macro f(k) %}{{ k }}{% if k > 1 %}*{{ f(k - 1) }}{% endif %}{% endmacro %}{{ f(3) }}', '3*2*1'],
  ])
})

test('a macro knows its name, its parameters, and whether it uses a caller', () => {
  alike([
    [
      '{% macro m(a, b=1) %}{{ caller() }}{% endmacro %}{{ m.name }} {{ m.arguments }} {{ m.caller }}',
      "m ('a', 'b') True",
    ],
    ['{% macro m() %}{% endmacro %}{{ m.caller }}{{ m.arguments }}', 'False()'],
  ])
})

test.run()
