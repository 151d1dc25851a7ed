/** Filters of numbers; the texts are those of jinja2 3.1.6. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../../src/text/jinja/template.js'

const render = (template: string): string => compile(template).render({})

function alike(cases: readonly (readonly [template: string, text: string])[]): void {
  for (const [template, text] of cases) assert.is(render(template), text, template)
}

test('whole numbers are read from numbers and texts, cut towards zero', () => {
  alike([
    ["{{ 3.7 | int }} {{ -3.7 | int }} {{ ' 42 ' | int }} {{ '-1_000' | int }} {{ '3.9' | int }}", '3 -3 42 -1000 3'],
    ["{{ 'x' | int }} {{ 'x' | int(5) }} {{ none | int }} {{ '' | int(-1) }} {{ true | int }}", '0 5 0 -1 1'],
    [
      "{{ '0x1f' | int(base=16) }} {{ 'ff' | int(0, 16) }} {{ '101' | int(base=2) }} {{ '9' | int(7, 8) }}",
      '31 255 5 9',
    ],
    ["{{ '-0xff' | int(0, 16) }} {{ '1.5' | int(0, 16) }} {{ '1__0' | int(3) }} {{ '_1' | int(3) }}", '-255 1 3 3'],
    ["{{ '12345678901234567890' | int }} {{ '1e3' | int }}", '12345678901234567890 1000'],
  ])
  assert.throws(() => render("{{ '1' | int(base=7) }}"), /the base 7 is not known/)
})

test('floats are read from numbers and texts', () => {
  alike([
    ["{{ '1e3' | float }} {{ '.5' | float }} {{ ' 2.50 ' | float }} {{ 7 | float }}", '1000.0 0.5 2.5 7.0'],
    ["{{ ' -inf' | float }} {{ 'NaN' | float }} {{ 'Infinity' | int(3) }} {{ 'nan' | int }}", '-inf nan 3 0'],
    ["{{ 'x' | float }} {{ 'x' | float(1.5) }} {{ none | float }}", '0.0 1.5 0.0'],
  ])
})

test('rounding goes to the even digit on halves, up or down if asked', () => {
  alike([
    ['{{ 2.5 | round }} {{ 3.5 | round }} {{ 2.675 | round(2) }} {{ 7 | round }}', '2.0 4.0 2.67 7'],
    ["{{ 2.1 | round(method='ceil') }} {{ 2.19 | round(1, 'floor') }} {{ -2.5 | round(0, 'floor') }}", '3.0 2.1 -3.0'],
  ])
  assert.throws(() => render("{{ 1 | round(0, 'up') }}"), /method must be common, ceil or floor/)
  assert.throws(() => render('{{ 1 | round(-1) }}'), /negative precision/)
  assert.throws(() => render("{{ 'a' | round }}"), /type str doesn't define __round__/)
})

test('sizes have no sign', () => {
  alike([['{{ -5 | abs }} {{ (-2.5) | abs }} {{ 3 | abs }} {{ true | abs }}', '5 2.5 3 1']])
  assert.throws(() => render("{{ 'a' | abs }}"), /bad operand type for abs\(\): 'str'/)
  assert.throws(() => render('{{ nothing | abs }}'), /'nothing' is undefined/)
})

test.run()
