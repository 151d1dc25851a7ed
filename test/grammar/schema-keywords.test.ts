/** What keywords say where they stand: types, lists, members, and what is refused of them. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { NumberText } from '../../src/common/json/index.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import {
  checkKeywords,
  countOf,
  cut,
  isNothing,
  isOfType,
  isRecord,
  itemsOf,
  membersOf,
  refused,
  typesOf,
  type JsonType,
  type Schema,
} from '../../src/grammar/schema-keywords.js'

const throws = (run: () => unknown, words: RegExp): void =>
  assert.throws(run, (error: unknown) => error instanceof InvalidArgumentError && words.test(error.message))

test('an error names the place and repeats 160 characters of it at most', () => {
  assert.is(refused('#/a', 'why').message, 'the JSON schema cannot be used: at #/a: why')
  assert.is(refused('#/a', 'why').param, 'responseFormat')
  assert.is(cut('x'.repeat(160)), 'x'.repeat(160))
  assert.is(cut('x'.repeat(161)), `${'x'.repeat(160)}...`)
})

test('false, and what is not true, accept nothing', () => {
  for (const schema of [false, { not: {} }, { not: true }]) assert.ok(isNothing(schema))
  for (const schema of [true, {}, { not: { type: 'null' } }, { not: false }, null]) assert.not(isNothing(schema))
})

test('a keyword that is not known is refused by name and place, except where it asks nothing', () => {
  checkKeywords({ type: 'array', uniqueItems: false, title: 'x', $defs: {} }, '#')
  checkKeywords({ unevaluatedItems: false, unevaluatedProperties: false }, '#')
  for (const keyword of ['contains', 'if', 'then', 'else'])
    throws(() => checkKeywords({ [keyword]: false }, '#'), new RegExp(`at #/${keyword}: `))
  throws(() => checkKeywords({ uniqueItems: true }, '#/a'), /at #\/a\/uniqueItems: the keyword "uniqueItems"/)
  throws(() => checkKeywords({ $id: 'x' }, '#/a'), /#\/a\/\$id/)
  checkKeywords({ $id: 'x' }, '#')
  for (const schema of [null, [], 5, 'x', undefined, new NumberText('1e400')])
    throws(() => checkKeywords(schema, '#'), /a schema is an object, true or false/)
})

test('types are those that are given, or else that whose keywords there are, or else all', () => {
  const all: JsonType[] = ['object', 'array', 'string', 'number', 'boolean', 'null']
  const cases: [Schema, JsonType[]][] = [
    [{ type: 'integer' }, ['integer']],
    [{ type: ['null', 'string', 'null'] }, ['null', 'string']],
    [{ maxLength: 3 }, ['string']],
    [{ minimum: 3 }, ['number']],
    [{ items: {} }, ['array']],
    [{ required: [] }, ['object']],
    [{ description: 'anything' }, all],
  ]
  for (const [schema, types] of cases) assert.equal(typesOf(schema, '#'), types)
  throws(() => typesOf({ type: 'objekt' }, '#'), /#\/type: "type" must be one of .*got "objekt"/)
  throws(() => typesOf({ type: [] }, '#'), /must be one of/)
  throws(() => typesOf({ minLength: 1, minimum: 2 }, '#'), /several types \(string, number\)/)
})

test('a count is a whole number up to its most', () => {
  assert.is(countOf({}, 'minItems', '#', 7, 10), 7)
  assert.is(countOf({ minItems: 10 }, 'minItems', '#', 7, 10), 10)
  for (const value of [-1, 11, 1.5, '3', null])
    throws(() => countOf({ minItems: value }, 'minItems', '#', 7, 10), /#\/minItems: .* from 0 to 10; got/)
})

test('lists of both drafts have first places and the form of all others', () => {
  const a = { type: 'null' }
  assert.equal(itemsOf({ items: a }, '#'), { firsts: [], rest: a, place: 'prefixItems' })
  assert.equal(itemsOf({}, '#'), { firsts: [], rest: true, place: 'prefixItems' })
  assert.equal(itemsOf({ prefixItems: [a] }, '#'), { firsts: [a], rest: undefined, place: 'prefixItems' })
  assert.equal(itemsOf({ prefixItems: [a], items: a }, '#'), { firsts: [a], rest: a, place: 'prefixItems' })
  assert.equal(itemsOf({ items: [a], additionalItems: a }, '#'), { firsts: [a], rest: a, place: 'items' })
  assert.equal(itemsOf({ items: false }, '#'), { firsts: [], rest: undefined, place: 'prefixItems' })
  assert.is(itemsOf({ unevaluatedItems: false }, '#').rest, undefined)
  assert.is(itemsOf({ unevaluatedItems: false, items: a }, '#').rest, a)
  throws(() => itemsOf({ items: [a], prefixItems: [a] }, '#'), /must be one schema/)
  throws(() => itemsOf({ prefixItems: a }, '#'), /#\/prefixItems/)
  throws(() => itemsOf({ prefixItems: [a], additionalItems: a }, '#'), /#\/additionalItems/)
})

test('members come in order; names beside them only where they are asked for, or none is named', () => {
  const described = membersOf({ properties: { b: true, a: true }, required: ['a'] }, '#')
  assert.equal(described.names, ['b', 'a'])
  assert.equal([...described.required], ['a'])
  assert.is(described.others, undefined)
  assert.is(membersOf({}, '#').others, true)
  const open = membersOf({ properties: { a: true }, additionalProperties: { type: 'null' } }, '#')
  assert.equal(open.others, { type: 'null' })
  assert.is(membersOf({ additionalProperties: false }, '#').others, undefined)
  assert.is(membersOf({ unevaluatedProperties: false }, '#').others, undefined)
  assert.is(membersOf({ unevaluatedProperties: false, additionalProperties: true }, '#').others, true)
})

test('a required name that nothing describes has the form of the others, where there are others', () => {
  const { names, forms } = membersOf({ required: ['x'], additionalProperties: { type: 'null' } }, '#')
  assert.equal(names, ['x'])
  assert.equal(forms.get('x'), { type: 'null' })
  assert.equal(membersOf({ required: ['x', 'y'] }, '#').names, ['x', 'y'])
  throws(() => membersOf({ properties: { a: true }, required: ['x'] }, '#'), /"required" names "x"/)
  throws(() => membersOf({ required: ['x'], additionalProperties: false }, '#'), /"required" names "x"/)
  throws(() => membersOf({ required: [1] }, '#'), /must be a list of names/)
  throws(() => membersOf({ properties: [] }, '#'), /must be an object of schemas/)
})

test('listed names are all that may come; other rules for names hold where no member is named', () => {
  const enumOf = { propertyNames: { enum: ['a', 'b', 3] }, additionalProperties: { type: 'null' } }
  const listed = membersOf({ ...enumOf, properties: { c: true } }, '#')
  assert.equal(listed.names, ['c', 'a', 'b'])
  assert.is(listed.forms.get('c'), false)
  assert.equal(listed.forms.get('a'), { type: 'null' })
  assert.is(listed.others, undefined)
  assert.equal(membersOf({ propertyNames: { const: 'a' } }, '#').names, ['a'])
  assert.equal(membersOf({ propertyNames: { enum: ['a', 'b'] }, properties: { a: true } }, '#').names, ['a'])
  assert.is(membersOf({ propertyNames: { type: 'string' } }, '#').otherNames, undefined)
  assert.equal(membersOf({ propertyNames: { minLength: 2 } }, '#').otherNames, { minLength: 2 })
  throws(() => membersOf({ propertyNames: { minLength: 2 }, properties: { a: true } }, '#'), /as an "enum" only/)
  throws(() => membersOf({ propertyNames: { enum: ['a'] }, required: ['b'] }, '#'), /does not allow/)
})

test('a value has its type, numbers by the digits they were given with', () => {
  const cases: [unknown, JsonType[]][] = [
    [1, ['integer', 'number']],
    [1.5, ['number']],
    [new NumberText('12345678901234567890'), ['integer', 'number']],
    [new NumberText('1e400'), ['number']],
    [null, ['null']],
    [[], ['array']],
    [{}, ['object']],
    ['x', ['string']],
    [false, ['boolean']],
  ]
  const types: JsonType[] = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object']
  for (const [value, expected] of cases)
    assert.equal(
      types.filter((type) => isOfType(value, type)),
      types.filter((type) => expected.includes(type)),
    )
  assert.not(isRecord(new NumberText('1e400')))
})

test.run()
