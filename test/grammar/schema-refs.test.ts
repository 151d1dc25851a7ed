import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseJson } from '../../src/common/json/index.js'
import { disjoint, resolveRef } from '../../src/grammar/schema-refs.js'

const fail = (why: string): Error => new Error(why)
const root = { $defs: { a: { const: 1 }, 'x/y~z é': { const: 2 } }, items: [{ const: 3 }] }

test('a reference leads to its place, with escapes of pointers and of addresses', () => {
  for (const [ref, found] of [
    ['#', root],
    ['#/$defs/a', root.$defs.a],
    ['#/items/0', root.items[0]],
    ['#/$defs/x~1y~0z%20%C3%A9', root.$defs['x/y~z é']],
  ] as const)
    assert.is(resolveRef(root, ref, fail), found, ref)
})

test('a reference that leads nowhere is refused with its own words', () => {
  for (const [ref, words] of [
    ['other.json', /must point into the same schema .*got "other.json"/],
    [5, /must point into the same schema/],
    ['#$defs', /must point into the same schema/],
    ['#/$defs/b', /points at "#\/\$defs\/b", which is not in the schema/],
    ['#/$defs/a/const/x', /which is not in the schema/],
    ['#/constructor', /which is not in the schema/],
    ['#/a%b', /"%" that begins no character/],
  ] as const)
    assert.throws(() => resolveRef(root, ref, fail), words)
})

test('schemas are disjoint only where that is plain', () => {
  const kind = (value: unknown, required = ['kind']): object => ({ properties: { kind: { const: value } }, required })
  const apart: [unknown, unknown][] = [
    [false, true],
    [{ type: 'string' }, { type: ['integer', 'null'] }],
    [{ const: 1 }, { enum: [2, '1'] }],
    [{ const: 'a' }, { type: 'number' }],
    [{ enum: [true, {}] }, { type: ['array', 'null'] }],
    [kind('a'), kind('b')],
  ]
  const together: [unknown, unknown][] = [
    [true, { type: 'string' }],
    [{ type: 'integer' }, { type: 'number' }],
    [{ const: 1 }, { enum: [1, 2] }],
    [{ const: -1 }, { type: 'integer' }],
    [kind('a'), kind('a')],
    [kind('a'), kind('b', [])],
    [{ minLength: 3 }, { maxLength: 2 }],
  ]
  for (const [a, b] of apart) assert.ok(disjoint(a, b) && disjoint(b, a), JSON.stringify([a, b]))
  for (const [a, b] of together) assert.not(disjoint(a, b) || disjoint(b, a), JSON.stringify([a, b]))
})

test('constants are told apart by all their digits', () => {
  const [a, b] = parseJson('[{"const": 3791411052119578828}, {"const": 3791411052119578829}]') as unknown[]
  assert.ok(disjoint(a, b))
  assert.not(disjoint(a, a))
})

test.run()
