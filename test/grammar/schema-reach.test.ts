/** Which schemas have a finite answer. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { Reach } from '../../src/grammar/schema-reach.js'

const circle = { A: { $ref: '#/$defs/B' }, B: { $ref: '#/$defs/A' } }
const loop = { $ref: '#/$defs/A' }
const answered = (root: object): boolean => new Reach(root).has(root)

test('what leads back to itself in all its ways has no answer', () => {
  for (const root of [
    { ...loop, $defs: circle },
    { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] },
    { type: 'array', items: { $ref: '#' }, minItems: 1 },
    { type: 'array', prefixItems: [{ $ref: '#' }] },
    { anyOf: [{ $ref: '#' }, { allOf: [{ $ref: '#' }] }] },
    { allOf: [{ $ref: '#' }] },
    { anyOf: [false, { not: {} }] },
  ])
    assert.not(answered(root), JSON.stringify(root))
})

test('one way out is enough', () => {
  for (const root of [
    { type: 'object', properties: { next: { $ref: '#' } } },
    { type: 'array', items: { $ref: '#' } },
    { anyOf: [{ $ref: '#' }, { type: 'null' }] },
    { type: ['object', 'null'], properties: { next: { $ref: '#' } }, required: ['next'] },
    { additionalProperties: loop, $defs: circle },
    { $ref: '#/$defs/c', $defs: { c: { $ref: '#/$defs/d' }, d: { const: 1 } } },
  ])
    assert.ok(answered(root), JSON.stringify(root))
})

test('parts are told apart: an optional member without an answer is known as such', () => {
  const root = { type: 'object', properties: { a: { type: 'null' }, b: loop }, $defs: circle }
  const reach = new Reach(root)
  assert.ok(reach.has(root))
  assert.ok(reach.has(root.properties.a))
  assert.not(reach.has(root.properties.b))
  assert.ok(reach.has(true))
  assert.not(reach.has(false) || reach.has(undefined))
})

test('schemas that are nested too deep or too many are refused by place', () => {
  const nested = (depth: number): object =>
    Array.from({ length: depth }).reduce<object>((items) => ({ type: 'array', items }), {})
  const many = (count: number): object => ({ anyOf: Array.from({ length: count }, (_, i) => ({ const: i })) })
  assert.ok(answered(nested(100)) && answered(many(9999)))
  for (const [root, words] of [
    [nested(101), /at #(\/items)+\S*: schemas are nested more than 100 deep/],
    [many(10_000), /at #\/anyOf\/9999: there are more than 10000 schemas/],
    [{ anyOf: [] }, /at #\/anyOf: "anyOf" must be a list with at least one entry/],
    [{ items: { patternProperties: {} } }, /#\/items\/patternProperties/],
    [{ properties: { a: { $ref: '#/b' } } }, /#\/properties\/a: "\$ref" points at "#\/b"/],
  ] as const)
    assert.throws(
      () => new Reach(root),
      (error: unknown) => error instanceof InvalidArgumentError && words.test(error.message),
    )
})

test.run()
