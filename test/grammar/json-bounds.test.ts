/** Lengths by place: alternatives that meet in a place share one bound, or leave it to the grammar. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boundsOf, type Bounds } from '../../src/grammar/json-bounds.js'
import { Reach } from '../../src/grammar/schema-reach.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'

const found = (schema: object): { bounds: Bounds | null; counted: ReadonlySet<unknown> } =>
  boundsOf(schema, new Reach(schema))

test('where no length is asked for there is nothing to count', () =>
  assert.is(found({ type: 'object', properties: { a: { type: 'string' } } }).bounds, null))

test('a length is found in the place that it bounds', () => {
  const items = { type: 'array', items: { type: 'string', maxLength: 300 }, maxItems: 7 }
  const { bounds } = found({ type: 'object', properties: { a: items } })
  const list = bounds!.members.get('a')!
  assert.equal(
    [list.items, list.rest!.text],
    [
      { least: 0, most: 7 },
      { least: 0, most: 300 },
    ],
  )
})

test('alternatives in one place keep to what they have in common, or the grammar counts them all', () => {
  const one = { type: 'string', minLength: 2, maxLength: 9 }
  const other = { type: 'string', maxLength: 5 }
  const apart = { type: 'string', minLength: 20 }
  assert.equal(found({ anyOf: [one, other] }).bounds!.text, { least: 2, most: 5 })
  const { bounds, counted } = found({ anyOf: [one, other, apart] })
  assert.is(bounds, null)
  assert.equal([...counted], [one, other, apart])
})

test('a name that one alternative describes may be the other names of the next', () => {
  const named = { type: 'object', properties: { a: { type: 'string', maxLength: 30 } } }
  const others = { type: 'object', properties: {}, additionalProperties: { type: 'string', maxLength: 8 } }
  assert.equal(found({ anyOf: [named, others] }).bounds!.members.get('a')!.text, { least: 0, most: 8 })
})

test('objects by the hundred that all differ are bounded; too many ways to meet are refused by place', () => {
  const differing = (count: number, more: (i: number) => object): object => ({
    anyOf: Array.from({ length: count }, (_, i) => ({
      type: 'object',
      properties: { [`k${i}`]: { type: 'string', maxLength: 200 } },
      ...more(i),
    })),
  })
  assert.is(found(differing(2000, () => ({ additionalProperties: false }))).bounds!.members.size, 2000)
  assert.throws(
    () => found(differing(2000, (i) => ({ additionalProperties: { type: 'string', maxLength: 300 + i } }))),
    (error: Error) =>
      error instanceof InvalidArgumentError && /at #.*too many ways: more than 100000 members/.test(error.message),
  )
})

test.run()
