/** Constructs of chat templates with what jinja2 makes of them: test/fixtures/reference/templates/render.py. */
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isDict } from '../../src/text/jinja/values.js'
import { valueOfJson } from '../../src/text/jinja/convert.js'
import { compile, TemplateError } from '../../src/text/jinja/template.js'

type Outcome = { text: string } | { error: string }

const read = (name: string): string =>
  readFileSync(new URL(`../fixtures/reference/templates/${name}`, import.meta.url), 'utf8')
const { groups } = JSON.parse(read('constructs.json')) as { groups: Record<string, string[]> }
const outcomes = JSON.parse(read('rendered.json')) as Record<string, Outcome[]>
const NOW = new Date(2026, 2, 5, 7, 8, 9)

/** What templates of the fixture see. */
export function fixtureValues(): Record<string, unknown> {
  const whole = valueOfJson(read('constructs.json'))
  const values = isDict(whole) ? whole.get('values') : undefined
  return values && isDict(values)
    ? Object.fromEntries(values.entries().map(([key, value]) => [String(key), value]))
    : {}
}

export const outcomeOf = (template: string, values = fixtureValues()): Outcome => {
  try {
    return { text: compile(template).render(values, NOW) }
  } catch (error) {
    if (error instanceof TemplateError) return { error: error.message }
    throw error
  }
}

/** A test for each construct of the group: jinja2's text, or a refusal where jinja2 raises. */
export function rendersAlike(group: string): void {
  const values = fixtureValues()
  groups[group].forEach((template, i) => {
    const expected = outcomes[group][i]
    test(`${group}, ${i + 1}: ${'text' in expected ? 'the text of jinja2' : 'refused, as by jinja2'}`, () => {
      const got = outcomeOf(template, values)
      if ('text' in expected) assert.equal(got, expected, template)
      else assert.ok('error' in got, `${template} gave ${JSON.stringify(got)}; jinja2: ${expected.error}`)
    })
  })
}
