import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  mapMembers,
  NumberText,
  parseJson,
  parseJsonInTurns,
  TooMuchJson,
  writeJson,
} from '../../../src/common/json/index.js'

for (const text of [
  '{"const":3791411052119578828}',
  '[1e400,-1E+400,1e-400]',
  '[9007199254740993,-9223372036854775808,1e22]',
  '{"maximum":18446744073709551615,"minimum":0.1234567890123456789}',
  '{"b":1,"1":2,"0":{"10":1,"9":2}}',
  '{"2":1,"1":[{"b":0,"1":0}]}',
  '{"a\\\\":"\\"1\\": 5","7":null,"3":true}',
])
  test(`digits and order survive: ${text}`, () => {
    const written = writeJson(parseJson(text))
    assert.is(written, text)
  })

test('numbers that a double holds are numbers, however they are written', () => {
  const text = '[1.0, 0.10, 1e3, 1.5E-7, -0.0, 0e5, 123456789012345, 9007199254740991, 0.30000000000000004]'
  const read = parseJson(text) as unknown[]
  assert.ok(read.every((one) => typeof one === 'number'))
  assert.equal(read, JSON.parse(text))
})

test('a number that no double holds knows its digits and the nearest double', () => {
  const [big, huge] = parseJson('[3791411052119578828, 1e400]') as NumberText[]
  assert.instance(big, NumberText)
  assert.equal([String(big), Number(big), Number(huge)], ['3791411052119578828', 3791411052119578600, Infinity])
})

test('an object lists its members as they came, and JSON.stringify with it', () => {
  const value = parseJson('{"b":1,"1":2,"a":{"5":1,"4":2}}') as object
  assert.equal(Object.keys(value), ['b', '1', 'a'])
  assert.is(JSON.stringify(value), '{"b":1,"1":2,"a":{"5":1,"4":2}}')
  assert.equal(Object.keys(mapMembers(value, String)), ['b', '1', 'a'])
})

test('of equal names the last value counts, as JSON.parse has it', () => {
  assert.equal(parseJson('{"b":1,"1":2,"b":3}'), JSON.parse('{"b":1,"1":2,"b":3}'))
})

test('names of the prototype are members like any other', () => {
  for (const text of [
    '{"__proto__":{"x":1},"1":0}',
    '{"__proto__":5}',
    '{"b":1,"1":{"constructor":2,"__proto__":3}}',
  ]) {
    const value = parseJson(text) as object
    assert.is(writeJson(value), text)
    assert.is(Object.getPrototypeOf(value), Object.prototype)
    assert.equal(Object.keys(value).sort(), Object.keys(JSON.parse(text)).sort())
  }
  assert.is(({} as { x?: number }).x, undefined)
})

test('text deeper than any stack is read', () => {
  const deep = `${'['.repeat(200_000)}1e400${']'.repeat(200_000)}`
  let value = parseJson(deep)
  let depth = 0
  for (; Array.isArray(value); depth++) [value] = value as unknown[]
  assert.is(depth, 200_000)
})

test('what is no JSON is a SyntaxError, with or without numbers that need care', () => {
  for (const text of ['{', '[1e400', '{"1":}', '01', '[1,]', '{"a" 1}', '"\u0000"', ''])
    assert.throws(
      () => parseJson(text),
      (error: Error) => error instanceof SyntaxError,
      text,
    )
})

test('texts of strangers are read as others are, with turns for the event loop meanwhile', async () => {
  const texts = [
    '{"b":1,"1":[1e400,"x\\"1\\":"]}',
    `[${Array.from({ length: 9000 }, (_, i) => `${i}e1`).join()}]`,
    '"a"',
  ]
  for (const text of texts) assert.is(writeJson(await parseJsonInTurns(text)), writeJson(parseJson(text)))
  for (const text of ['', '{', '[1', '"', '{"a":"b}'])
    assert.instance(await parseJsonInTurns(text).catch((error: unknown) => error), SyntaxError, text)
})

test('more values than are parsed between two turns are refused before they are', async () => {
  const long = Array.from({ length: 10_001 }, () => '12345678901234567890').join()
  for (const text of [`[${'[],'.repeat(20_000)}1]`, `[${'1,'.repeat(150_001)}1]`, `[${long}]`])
    assert.instance(await parseJsonInTurns(text).catch((error: unknown) => error), TooMuchJson)
  await parseJsonInTurns(`["${'[],:'.repeat(50_000)}",${'1,'.repeat(140_000)}1]`)
})

test.run()
