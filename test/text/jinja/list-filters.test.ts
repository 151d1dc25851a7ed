/** Filters of lists and dicts; the texts are those of jinja2 3.1.6. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../../src/text/jinja/template.js'

const values = {
  items: [3, 1, 2, 1],
  words: ['b', 'A', 'a', 'c'],
  people: [
    { name: 'Bo', age: 31 },
    { name: 'ann', age: 7 },
    { name: 'Cy', age: 31 },
  ],
  map: { b: 1, a: 3, C: 2 },
}
const render = (template: string): string => compile(template).render(values)

function alike(cases: readonly (readonly [template: string, text: string])[]): void {
  for (const [template, text] of cases) assert.is(render(template), text, template)
}

test('sorting keeps the order of what is equal, reversed too, and looks past case unless asked', () => {
  alike([
    ['{{ items | sort }} {{ items | sort(reverse=true) }}', '[1, 1, 2, 3] [3, 2, 1, 1]'],
    ['{{ words | sort }} {{ words | sort(case_sensitive=true) }}', "['A', 'a', 'b', 'c'] ['A', 'a', 'b', 'c']"],
    ["{{ ['b', 'B', 'a'] | sort }} {{ ['b', 'B', 'a'] | sort(true) }}", "['a', 'b', 'B'] ['b', 'B', 'a']"],
    ["{{ people | sort(attribute='age') | map(attribute='name') | join(',') }}", 'ann,Bo,Cy'],
    ["{{ people | sort(attribute='age,name', reverse=true) | map(attribute='name') | join(',') }}", 'Cy,Bo,ann'],
  ])
})

test('dicts are sorted by key or by value', () => {
  alike([
    ['{{ map | dictsort }}', "[('a', 3), ('b', 1), ('C', 2)]"],
    ['{{ map | dictsort(true) }}', "[('C', 2), ('a', 3), ('b', 1)]"],
    ["{{ map | dictsort(by='value', reverse=true) }}", "[('a', 3), ('C', 2), ('b', 1)]"],
  ])
  assert.throws(() => render("{{ map | dictsort(by='size') }}"), /either "key" or "value"/)
  assert.throws(() => render('{{ items | dictsort }}'), /for dicts; got list/)
})

test('the first of what is equal is kept, or wins', () => {
  alike([
    ['{{ items | unique | list }} {{ words | unique | list }}', "[3, 1, 2] ['b', 'A', 'c']"],
    ["{{ people | unique(attribute='age') | map(attribute='name') | list }}", "['Bo', 'ann']"],
    [
      "{{ items | max }} {{ items | min }} {{ words | min }} {{ words | min(true) }} {{ ['a', 'A'] | max }}",
      '3 1 A A a',
    ],
    ["{{ (people | max(attribute='age')).name }} {{ (people | min(attribute='name')).name }}", 'Bo ann'],
    ['{{ [] | max is undefined }}', 'True'],
  ])
})

test('items come in rows of a length, or in so many columns', () => {
  alike([
    ['{{ [1, 2, 3, 4, 5] | batch(2) | list }}', '[[1, 2], [3, 4], [5]]'],
    ["{{ [1, 2, 3] | batch(2, 'x') | list }}", "[[1, 2], [3, 'x']]"],
    ['{{ [1, 2, 3, 4, 5] | slice(3) | list }}', '[[1, 2], [3, 4], [5]]'],
    ["{{ [1, 2, 3, 4] | slice(3, 'x') | list }}", "[[1, 2], [3, 'x'], [4, 'x']]"],
    ['{{ [] | batch(2) | list }}', '[]'],
  ])
})

test('rows and columns of no items are refused', () => {
  for (const count of [0, -1])
    for (const filter of ['batch', 'slice'])
      assert.throws(() => render(`{{ items | ${filter}(${count}) | list }}`), /needs a number of 1 or more/)
})

test('first and last are there or undefined; what is read once has no last', () => {
  alike([
    ["{{ items | first }} {{ items | last }} {{ 'a😀' | last }} {{ map | first }} {{ map | last }}", '3 1 😀 b C'],
    ['[{{ [] | first }}{{ [] | last }}]', '[]'],
    ["{{ items | map('string') | first }}", '3'],
  ])
  assert.throws(() => render("{{ items | map('string') | last }}"), /not reversible/)
})

test('reversed texts are texts, all else is read once', () => {
  alike([
    [
      "{{ 'a😀b' | reverse }} {{ items | reverse | list }} {{ map | reverse | list }}",
      "b😀a [1, 2, 1, 3] ['C', 'a', 'b']",
    ],
    ['{{ map.keys() | reverse | list }}', "['C', 'a', 'b']"],
  ])
})

test('sums begin at a start, texts are joined by one between them', () => {
  alike([
    ["{{ items | sum }} {{ items | sum(start=10) }} {{ people | sum('age') }} {{ [] | sum }}", '7 17 69 0'],
    ["{{ items | join }} {{ items | join('-') }} {{ people | join('+', 'name') }}", '3121 3-1-2-1 Bo+ann+Cy'],
    ['{{ [true, none, 1.5] | join }}', 'TrueNone1.5'],
  ])
})

test('a default stands for what is not defined, for what is false only if asked', () => {
  alike([
    ["{{ nothing | default('x') }} {{ '' | default('x') }}|{{ '' | d('x', true) }} {{ 0 | d(1) }}", 'x |x 0'],
    ['[{{ nothing | default }}]', '[]'],
  ])
})

test('lengths, lists and items are those of Python', () => {
  alike([
    [
      "{{ items | length }} {{ map | count }} {{ '😀' | length }} {{ 'ab' | list }} {{ map | list }}",
      "4 3 1 ['a', 'b'] ['b', 'a', 'C']",
    ],
    ['{{ map | items | list }} {{ nothing | items | list }}', "[('b', 1), ('a', 3), ('C', 2)] []"],
  ])
  assert.throws(() => render('{{ items | items }}'), /Can only get item pairs from a mapping/)
  assert.throws(() => render("{{ items | map('string') | length }}"), /'generator' has no len\(\)/)
})

test.run()
