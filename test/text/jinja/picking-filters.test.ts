/** Filters that pick or map items; the texts are those of jinja2 3.1.6. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../../src/text/jinja/template.js'

const values = {
  items: [3, 0, 2, 1],
  people: [
    { name: 'Bo', age: 31, tags: ['x'] },
    { name: 'ann', age: 7 },
  ],
}
const render = (template: string): string => compile(template).render(values)

function alike(cases: readonly (readonly [template: string, text: string])[]): void {
  for (const [template, text] of cases) assert.is(render(template), text, template)
}

test('items are picked by a test, or by what is true', () => {
  alike([
    ['{{ items | select | list }} {{ items | reject | list }}', '[3, 2, 1] [0]'],
    ["{{ items | select('gt', 1) | list }} {{ items | reject('odd') | list }}", '[3, 2] [0, 2]'],
    ["{{ ['a', 1] | select('string') | list }}", "['a']"],
  ])
  assert.throws(() => render("{{ items | select('nosuch') | list }}"), /no test named 'nosuch'/)
})

test('items are picked by an attribute, or a test of it', () => {
  alike([
    ["{{ people | selectattr('tags') | map(attribute='name') | list }}", "['Bo']"],
    ["{{ people | selectattr('tags', 'defined') | list | length }}", '1'],
    ["{{ people | rejectattr('age', 'gt', 10) | map(attribute='name') | list }}", "['ann']"],
    ["{{ people | selectattr('tags.0', 'equalto', 'x') | map(attribute='name') | first }}", 'Bo'],
  ])
  assert.throws(() => render('{{ people | selectattr | list }}'), /Missing parameter for attribute name/)
})

test('items are mapped by a filter with its arguments, or to an attribute', () => {
  alike([
    ["{{ items | map('string') | list }} {{ ['a'] | map('replace', 'a', 'b') | list }}", "['3', '0', '2', '1'] ['b']"],
    ["{{ [[1, 2], [3]] | map('join', '-') | list }} {{ ['x y'] | map('upper') | first }}", "['1-2', '3'] X Y"],
    ["{{ items | map('tojson') | join(',') }} {{ [[1]] | map('map', 'string') | first | list }}", "3,0,2,1 ['1']"],
    ["{{ people | map(attribute='tags', default='none') | list }}", "[['x'], 'none']"],
    ["{{ people | map(attribute='tags.0', default='-') | first }}", 'x'],
    ["{{ people | map('attr', 'nothing') | select('defined') | list }}", '[]'],
  ])
  assert.throws(() => render("{{ items | map('nosuch') | list }}"), /no filter named 'nosuch'/)
  assert.throws(() => render('{{ items | map | list }}'), /map requires a filter argument/)
  assert.throws(() => render('{{ items | map(atribute=1, attribute=2) | list }}'), /keyword argument 'atribute'/)
})

test('what is picked is read once, and no further than is looked at', () => {
  alike([
    ["{% set g = items | map('string') %}{{ g | first }}{{ g | list }}{{ g | list }}", "3['0', '2', '1'][]"],
    ["{{ (items + ['a']) | select('gt', 1) | first }}", '3'],
    ["{% if [] | map('upper') %}true{% endif %}", 'true'],
  ])
})

test('an attribute is looked up past members of a dict', () => {
  alike([["[{{ people[0] | attr('name') }}] {{ people[0] | attr('items') is callable }}", '[] True']])
})

test.run()
