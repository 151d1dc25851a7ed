import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  ANY_CHAR,
  anyOf,
  ASCII,
  charClass,
  complement,
  contains,
  hasHalfCharacter,
  intersection,
  literal,
  repeated,
  union,
} from '../../src/grammar/ebnf.js'
import { matcher } from './support/expression.js'

test('a literal takes its text alone, and nothing in it ends the literal', () => {
  for (const text of ['', 'a', '"', '\\', '"]) | "x"', 'a\nb', 'é😀', '[^a]', '\u0000']) {
    const expression = literal(text)
    assert.ok(matcher(expression)(text), expression)
    assert.not(matcher(expression)(`${text}x`))
    assert.not(/["\\]/.test(expression.slice(1, -1).replace(/\\U[0-9a-f]{8}/g, '')), expression)
  }
})

test('sets meet, join and turn round; surrogates are in none', () => {
  const letters = union([[[97, 99]], [[100, 102]], [[120, 122]]])
  assert.equal(letters, [
    [97, 102],
    [120, 122],
  ])
  assert.equal(intersection(letters, [[99, 120]]), [
    [99, 102],
    [120, 120],
  ])
  assert.equal(complement(complement(letters)), letters)
  assert.equal(complement([]), ANY_CHAR)
  assert.equal(complement(ANY_CHAR), [])
  for (const [code, inside] of [
    [0xd7ff, true],
    [0xd800, false],
    [0xdfff, false],
    [0xe000, true],
    [0x10ffff, true],
  ] as const)
    assert.is(contains(complement(ASCII), code), inside, code.toString(16))
})

test('a class takes the characters of its set alone, those with a meaning in grammars too', () => {
  const set = union(Array.from(']^-\\a"[', (character) => [[character.charCodeAt(0), character.charCodeAt(0)]]))
  const takes = matcher(charClass(set)!)
  for (const character of ']^-\\a"[') assert.ok(takes(character), character)
  for (const character of 'b_Z.é') assert.not(takes(character), character)
})

test('beyond ASCII a class has all characters or at most 256; anything between is no class', () => {
  const all = matcher(charClass(complement([[97, 97]]))!)
  assert.ok(all('b') && all('é') && all('😀'))
  assert.not(all('a'))
  const few = matcher(
    charClass([
      [97, 97],
      [0x100, 0x1ff],
    ])!,
  )
  assert.ok(few('a') && few('\u0100') && few('\u01ff'))
  assert.not(few('\u0200') || few('b'))
  assert.is(charClass([[0x100, 0x200]]), null)
})

test('repetitions have both bounds, one, or none to write', () => {
  assert.is(repeated('x', 1, 1), 'x')
  assert.is(repeated('x', 0, 0), '""')
  const [some, more] = [matcher(repeated('"ab"', 2, 3)), matcher(repeated('"ab"', 2))]
  for (const [count, inSome, inMore] of [
    [1, false, false],
    [2, true, true],
    [3, true, true],
    [4, false, true],
  ] as const) {
    assert.is(some('ab'.repeat(count)), inSome)
    assert.is(more('ab'.repeat(count)), inMore)
  }
})

test('alternatives hold together, and one alone is itself', () => {
  assert.is(anyOf(['"a"']), '"a"')
  assert.ok(matcher(`${anyOf(['"a"', '"b"'])} "c"`)('ac'))
  assert.not(matcher(`${anyOf(['"a"', '"b"'])} "c"`)('a'))
})

test('half a surrogate pair is told from a whole one', () => {
  assert.not(hasHalfCharacter('a😀'))
  assert.ok(hasHalfCharacter('a\ud83d'))
  assert.ok(hasHalfCharacter('\ude00a'))
})

test.run()
