import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ANY_PLAIN, jsonChar } from '../../src/grammar/json-text.js'
import { complement } from '../../src/grammar/ebnf.js'
import { matcher } from './support/expression.js'

const one = (character: string): readonly [number, number] => [character.codePointAt(0)!, character.codePointAt(0)!]

test('plain characters are those that JSON strings hold as they are', () => {
  const takes = matcher(ANY_PLAIN)
  for (let code = 0; code < 0x100; code++) {
    const character = String.fromCharCode(code)
    assert.is(takes(character), JSON.stringify(character) === `"${character}"`, code.toString(16))
  }
  assert.ok(takes('😀'))
})

test('of a set with plain characters only those are written', () => {
  const takes = matcher(jsonChar([one('"'), one('a')])!)
  assert.ok(takes('a'))
  assert.not(takes('\\"'))
})

test('a set of nothing but escaped characters is written as JSON escapes them', () => {
  const takes = matcher(jsonChar([[0, 0x1f], one('"'), one('\\')])!)
  for (const character of ['\n', '"', '\\', '\u0000', '\u001f'])
    assert.ok(takes(JSON.stringify(character).slice(1, -1)), JSON.stringify(character))
  assert.not(takes('\n') || takes('a'))
})

test('a set that no class can hold has no expression', () => {
  assert.is(jsonChar([[0x400, 0x800]]), null)
  assert.type(jsonChar(complement([])), 'string')
})

test.run()
